/// A JSON text that was parsed, strictly by RFC 8259: UTF-8 without a byte order mark, no duplicate
/// names, no lone surrogates, bounded in size and depth. Numbers keep all their digits.
///
/// It is one array of nodes in the order of the text and one copy of the text, so that reading it
/// allocates nothing: 16 bytes a value.
package final class JSONDocument: Sendable {
  nonisolated(unsafe) let nodes: UnsafePointer<JSONNode>
  /// The text; strings that had escapes lie decoded where they were.
  nonisolated(unsafe) let text: UnsafePointer<UInt8>
  /// How many values and names there are.
  package let nodeCount: Int
  /// Of the text it was parsed from.
  package let textBytes: Int

  /// - Throws: what is wrong with the text and where.
  package init(
    _ source: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    guard source.count <= limits.bytesMax else {
      throw JSONError(
        "is \(source.count) bytes; at most \(limits.bytesMax) are allowed", at: 0, in: source)
    }
    var parser = JSONParser(source, depthMax: limits.depthMax)
    if let failure = parser.run() {
      parser.discard()
      throw JSONError(failure.problem, at: failure.offset, in: source)
    }
    nodes = UnsafePointer(parser.nodes)
    text = UnsafePointer(parser.text)
    nodeCount = parser.count
    textBytes = source.count
  }

  package convenience init(
    _ source: [UInt8], limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    // An array's buffer stays where it is as long as it is held.
    let bytes = source.withUnsafeBytes { UnsafeRawBufferPointer($0) }
    defer { withExtendedLifetime(source) {} }
    try self.init(bytes, limits: limits)
  }

  package convenience init(
    _ source: String, limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    try self.init(Array(source.utf8), limits: limits)
  }

  /// Reads the document; the values must not leave `body`.
  package func read<R, E: Error>(_ body: (JSONValue) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(root)
  }

  /// The outermost value, for as long as somebody holds the document.
  package var root: JSONValue { JSONValue(node: nodes, text: text) }

  deinit {
    nodes.deallocate()
    text.deallocate()
  }
}

/// A value or a member's name, in the order of the text: an array is followed by its elements, an
/// object by a name and a value for each member.
struct JSONNode {
  /// Where it begins in the text; of a string, without its quotes.
  var offset: UInt32
  /// In bytes; of an array or object, how many elements or members it has.
  var length: UInt32
  /// How many nodes it takes with all it contains. Of a name: its hash.
  var span: UInt32
  var kind: JSONValue.Kind
  /// Of a number: it has neither a fraction nor an exponent.
  var isIntegerLiteral = false
  var isTrue = false
}
