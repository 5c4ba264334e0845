/// The encoding of `grpc-message`: printable ASCII as it is, every other byte and `%` as `%XX`
/// (PROTOCOL-HTTP2.md, "Responses").
enum StatusMessage {
  private static let hexDigits = Array("0123456789ABCDEF".utf8)

  /// Cuts at a character, so that what is sent stays UTF-8.
  static func encode(_ message: String, bytesMax: Int = Limits.statusMessageBytesMax) -> [UInt8] {
    var encoded: [UInt8] = []
    var taken = 0
    for character in message.unicodeScalars {
      taken += UTF8.width(character)
      guard taken <= bytesMax else { break }
      for byte in UTF8.encode(character)! {
        if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
          encoded.append(byte)
        } else {
          encoded += [
            UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 0xF)],
          ]
        }
      }
    }
    return encoded
  }

  /// Never fails: what is not an escape stays as it is, as the specification asks.
  static func decode(_ text: UnsafeRawBufferPointer) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let high = hexValue(text[index + 1]), let low = hexValue(text[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
