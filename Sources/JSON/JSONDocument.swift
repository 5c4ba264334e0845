/// A JSON text that was parsed, strictly by RFC 8259: UTF-8 without a byte order mark, no duplicate
/// names, no lone surrogates, bounded in size and depth. Numbers keep all their digits.
///
/// It is one array of nodes in the order of the text and one copy of the text, so that reading it
/// allocates nothing: 16 bytes a value.
package final class JSONDocument: Sendable {
  private nonisolated(unsafe) let memory: JSONMemory
  /// How many values and names there are.
  package let nodeCount: Int
  /// Of the text it was parsed from.
  package let textBytes: Int

  private init(_ parser: JSONParser, textBytes: Int) {
    memory = parser.memory
    nodeCount = parser.count
    self.textBytes = textBytes
  }

  deinit { memory.deallocate() }

  /// Reads the document; the values must not leave `body`.
  @inlinable
  package func read<R, E: Error>(_ body: (JSONValue) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(root)
  }

  /// The outermost value, for as long as somebody holds the document.
  package var root: JSONValue {
    JSONValue(node: UnsafePointer(memory.nodes), text: UnsafePointer(memory.text))
  }
}

extension JSONDocument {
  /// - Throws: what is wrong with the text and where.
  package convenience init(
    _ source: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    self.init(try JSONParser.parse(source, limits), textBytes: source.count)
  }

  package convenience init(
    _ source: [UInt8], limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    let parser = try source.withUnsafeBufferPointer { bytes throws(JSONError) in
      try JSONParser.parse(UnsafeRawBufferPointer(bytes), limits)
    }
    self.init(parser, textBytes: source.count)
  }

  package convenience init(
    _ source: String, limits: JSONLimits = JSONLimits()
  ) throws(JSONError) {
    var source = source
    let parsed = source.withUTF8 { bytes in
      Result { () throws(JSONError) in
        try JSONParser.parse(UnsafeRawBufferPointer(bytes), limits)
      }
    }
    self.init(try parsed.get(), textBytes: source.utf8.count)
  }
}
