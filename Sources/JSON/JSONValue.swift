/// A value of a `JSONDocument`: a place in it, valid as long as the document is held.
@usableFromInline
package struct JSONValue {
  @usableFromInline let node: UnsafePointer<JSONNode>
  @usableFromInline let text: UnsafePointer<UInt8>

  @inlinable
  init(node: UnsafePointer<JSONNode>, text: UnsafePointer<UInt8>) {
    self.node = node
    self.text = text
  }

  @usableFromInline package enum Kind: UInt8, Sendable {
    case null, boolean, number, string, array, object
  }

  @inlinable package var kind: Kind { node.pointee.kind }

  /// Nil unless it is a boolean.
  @inlinable package var boolean: Bool? { kind == .boolean ? node.pointee.isTrue : nil }

  /// Nil unless it is a string. Allocates for all but short ones: see `utf8`.
  package var string: String? { kind == .string ? String(decoding: bytes, as: UTF8.self) : nil }

  /// The decoded bytes of a string, the digits of a number as they were written; empty for others.
  @inlinable package var utf8: UnsafeBufferPointer<UInt8> {
    kind == .string || kind == .number ? bytes : UnsafeBufferPointer(start: nil, count: 0)
  }

  /// How many elements or members; 0 for others.
  @inlinable package var count: Int {
    kind == .array || kind == .object ? Int(node.pointee.length) : 0
  }

  /// Where it begins in the text, in bytes; of a string, after its quote.
  package var offset: Int { Int(node.pointee.offset) }

  /// Whether it is the same place of the same document.
  @inlinable package func isSamePlace(as other: JSONValue) -> Bool { node == other.node }

  @inlinable var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text + Int(node.pointee.offset), count: Int(node.pointee.length))
  }
}

// MARK: Numbers

extension JSONValue {
  /// Nil unless it is a number. Allocates only for more than 19 digits.
  package var number: JSONNumber? { kind == .number ? JSONNumber(bytes) : nil }

  /// Nil unless it is a number without fraction and exponent that fits.
  @inlinable package var int64: Int64? {
    guard kind == .number, node.pointee.isIntegerLiteral else { return nil }
    return Int64(digits: bytes)
  }
}

extension Int64 {
  /// - Returns: nil if it does not fit.
  /// - Precondition: `text` is a number by JSON's grammar without fraction and exponent.
  @inlinable
  init?(digits text: UnsafeBufferPointer<UInt8>) {
    let isNegative = text[0] == UInt8(ascii: "-")
    // 19 digits fit 64 bits without a sign.
    guard text.count <= (isNegative ? 20 : 19) else { return nil }
    var magnitude: UInt64 = 0
    for index in (isNegative ? 1 : 0)..<text.count {
      magnitude = magnitude &* 10 &+ UInt64(text[index] &- 0x30)
    }
    if isNegative {
      guard magnitude <= Int64.min.magnitude else { return nil }
      self = Int64(truncatingIfNeeded: 0 &- magnitude)
    } else {
      self.init(exactly: magnitude)
    }
  }
}
