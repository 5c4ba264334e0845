/// Reads the protobuf wire format field by field, without copying and without trusting it.
///
/// See https://protobuf.dev/programming-guides/encoding/.
package struct WireReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The bytes are not what the wire format allows: cut off, or with an unknown wire type.
  package struct Malformed: Error {}

  package enum Value {
    case varint(UInt64)
    case fixed
    case bytes(UnsafeRawBufferPointer)
  }

  package struct Field {
    package let number: UInt32
    package let value: Value
  }

  /// Nil at the end.
  package mutating func next() throws(Malformed) -> Field? {
    guard position < bytes.count else { return nil }
    let tag = try varint()
    guard let number = UInt32(exactly: tag >> 3), number > 0, number < 1 << 29 else {
      throw Malformed()
    }
    return Field(number: number, value: try value(wireType: tag & 7))
  }

  private mutating func value(wireType: UInt64) throws(Malformed) -> Value {
    switch wireType {
    case 0: return .varint(try varint())
    case 1:
      _ = try take(8)
      return .fixed
    case 2: return .bytes(try take(Int(clamping: try varint())))
    case 5:
      _ = try take(4)
      return .fixed
    default: throw Malformed()  // Groups (3, 4) are not in proto3; 6 and 7 are not defined.
    }
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < bytes.count else { throw Malformed() }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Malformed()
  }

  private mutating func take(_ count: Int) throws(Malformed) -> UnsafeRawBufferPointer {
    guard count <= bytes.count - position else { throw Malformed() }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
  }
}
