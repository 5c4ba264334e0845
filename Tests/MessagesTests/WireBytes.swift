/// Builds messages in the protobuf wire format by hand: field by field, joined with `+`.
extension [UInt8] {
  static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func tag(_ number: Int, wireType: UInt64) -> [UInt8] {
    varint(UInt64(number) << 3 | wireType)
  }

  static func field(_ number: Int, varint value: UInt64) -> [UInt8] {
    tag(number, wireType: 0) + varint(value)
  }

  static func field(_ number: Int, double value: Double) -> [UInt8] {
    let bits = value.bitPattern
    return tag(number, wireType: 1) + (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
  }

  static func field(_ number: Int, bytes: [UInt8]) -> [UInt8] {
    tag(number, wireType: 2) + varint(UInt64(bytes.count)) + bytes
  }

  static func field(_ number: Int, text: String) -> [UInt8] {
    field(number, bytes: Array(text.utf8))
  }

  /// A message in a message in a message, `depth` times, each in field `number`.
  static func nested(_ depth: Int, in number: Int) -> [UInt8] {
    (0..<depth).reduce([]) { inner, _ in field(number, bytes: inner) }
  }

  static func repeated(_ part: [UInt8], count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: part.count * count) { buffer, size in
      for _ in 0..<count {
        for byte in part {
          buffer.initializeElement(at: size, to: byte)
          size += 1
        }
      }
    }
  }
}
