/// Base64 (RFC 4648 section 4). gRPC writes `-bin` metadata without padding, and reads it with or
/// without; CloudEvents write `data_base64` with padding.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The value of each byte, 0xFF for those outside the alphabet.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
    return values
  }()

  package static func encode(_ bytes: [UInt8], isPadded: Bool = false) -> [UInt8] {
    encode(bytes[...], isPadded: isPadded)
  }

  package static func encode(_ bytes: ArraySlice<UInt8>, isPadded: Bool = false) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(alphabet[Int(bits >> bitCount & 0x3F)])
      }
    }
    if bitCount > 0 { text.append(alphabet[Int(bits << (6 - bitCount) & 0x3F)]) }
    while isPadded, !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
    return text
  }

  /// Nil if `text` is not base64: a byte outside the alphabet, a length that no encoder makes, or
  /// wrong padding. Spare bits of the last character are ignored, as most decoders do.
  package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var digits = text.count
    let padding = text.reversed().prefix(3).prefix { $0 == UInt8(ascii: "=") }.count
    digits -= padding
    guard digits % 4 != 1, padding == 0 || (padding + digits) % 4 == 0, padding <= 2
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits * 3 / 4)
    var bits: UInt32 = 0
    var bitCount = 0
    for byte in text.prefix(digits) {
      let value = values[Int(byte)]
      guard value != 0xFF else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    return bytes
  }
}
