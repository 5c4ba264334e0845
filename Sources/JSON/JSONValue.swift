/// A value of a `JSONDocument`: a place in it, valid as long as the document is held.
package struct JSONValue {
  let node: UnsafePointer<JSONNode>
  let text: UnsafePointer<UInt8>

  package enum Kind: UInt8, Sendable {
    case null, boolean, number, string, array, object
  }

  package var kind: Kind { node.pointee.kind }

  /// Nil unless it is a boolean.
  package var boolean: Bool? { kind == .boolean ? node.pointee.isTrue : nil }

  /// Nil unless it is a string. Allocates for all but short ones: see `utf8`.
  package var string: String? { kind == .string ? String(decoding: bytes, as: UTF8.self) : nil }

  /// The decoded bytes of a string, the digits of a number as they were written; empty for others.
  package var utf8: UnsafeBufferPointer<UInt8> {
    kind == .string || kind == .number ? bytes : UnsafeBufferPointer(start: nil, count: 0)
  }

  /// Nil unless it is a number.
  package var number: JSONNumber? { kind == .number ? JSONNumber(bytes) : nil }

  /// Nil unless it is a number without fraction and exponent that fits.
  package var int64: Int64? {
    guard kind == .number, node.pointee.isIntegerLiteral else { return nil }
    return Int64(digits: bytes)
  }

  /// How many elements or members; 0 for others.
  package var count: Int {
    kind == .array || kind == .object ? Int(node.pointee.length) : 0
  }

  /// Where it begins in the text, in bytes; of a string, after its quote.
  package var offset: Int { Int(node.pointee.offset) }

  /// Of an array; none for others.
  package var elements: Elements {
    Elements(place: JSONValue(node: node + 1, text: text), left: kind == .array ? count : 0)
  }

  /// Of an object, in the order of the text; none for others.
  package var members: Members {
    Members(place: JSONValue(node: node + 1, text: text), left: kind == .object ? count : 0)
  }

  /// Nil unless it is an object that has such a member.
  package subscript(_ name: String) -> JSONValue? { self[JSONName(name)] }

  /// The same with a name that was prepared.
  package subscript(_ name: JSONName) -> JSONValue? {
    for member in members where member.name.matches(name) { return member.value }
    return nil
  }

  /// Nil unless it is an array that is long enough.
  package subscript(_ index: Int) -> JSONValue? {
    guard kind == .array, index >= 0, index < count else { return nil }
    return elements.dropFirst(index).first { _ in true }
  }

  /// Whether it is the same place of the same document.
  package func isSamePlace(as other: JSONValue) -> Bool { node == other.node }

  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text + Int(node.pointee.offset), count: Int(node.pointee.length))
  }

  /// The value after it.
  var following: JSONValue { JSONValue(node: node + Int(node.pointee.span), text: text) }

  package struct Elements: Sequence, IteratorProtocol {
    var place: JSONValue
    var left: Int

    package mutating func next() -> JSONValue? {
      guard left > 0 else { return nil }
      left -= 1
      defer { place = place.following }
      return place
    }
  }

  package struct Members: Sequence, IteratorProtocol {
    var place: JSONValue
    var left: Int

    package mutating func next() -> Member? {
      guard left > 0 else { return nil }
      left -= 1
      let name = Name(node: place.node, text: place.text)
      let value = JSONValue(node: place.node + 1, text: place.text)
      place = value.following
      return Member(name: name, value: value)
    }
  }

  package struct Member {
    package let name: Name
    package let value: JSONValue
  }

  /// A member's name.
  package struct Name {
    let node: UnsafePointer<JSONNode>
    let text: UnsafePointer<UInt8>

    package var string: String { String(decoding: utf8, as: UTF8.self) }
    /// Of its bytes: equal names have equal hashes, see `JSONName.hash`.
    package var hash: UInt32 { node.pointee.span }

    /// Where it begins in the text, after its quote, in bytes.
    package var offset: Int { Int(node.pointee.offset) }

    package var utf8: UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(start: text + Int(node.pointee.offset), count: Int(node.pointee.length))
    }

    /// As a string value.
    package var value: JSONValue { JSONValue(node: node, text: text) }

    package func matches(_ name: JSONName) -> Bool {
      hash == name.hash && utf8.elementsEqual(name.bytes)
    }
  }
}

/// A member's name that is looked for often.
package struct JSONName: Hashable, Sendable {
  package let string: String
  package let bytes: [UInt8]
  package let hash: UInt32

  package init(_ string: String) {
    self.string = string
    bytes = Array(string.utf8)
    hash = bytes.withUnsafeBufferPointer(Self.hash(of:))
  }

  /// FNV-1a of 32 bits.
  package static func hash(of bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash: UInt32 = 0x811C_9DC5
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    return hash
  }

  package static func == (one: JSONName, other: JSONName) -> Bool {
    one.hash == other.hash && one.bytes == other.bytes
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
