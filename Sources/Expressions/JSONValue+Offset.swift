import JSON

extension JSONValue {
  /// Where a byte of a decoded string is in the text it was read from, for an error to say.
  ///
  /// - Precondition: it is a string of `text`.
  func offset(ofByte index: Int, in text: String) -> Int {
    var place = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
    var decoded = 0
    while decoded < index, place < text.utf8.endIndex {
      let (source, result) = Self.widths(text.utf8[place...])
      decoded += result
      place = text.utf8.index(place, offsetBy: source)
    }
    return text.utf8.distance(from: text.utf8.startIndex, to: place)
  }

  /// Of the byte or escape that `text` begins with: its bytes there, and decoded.
  private static func widths(_ text: Substring.UTF8View) -> (source: Int, decoded: Int) {
    guard text.first == UInt8(ascii: "\\") else { return (1, 1) }
    guard text.dropFirst().first == UInt8(ascii: "u"),
      let digits = String(text.dropFirst(2).prefix(4)), let code = UInt32(digits, radix: 16)
    else { return (2, 1) }
    switch code {
    case ..<0x80: return (6, 1)
    case ..<0x800: return (6, 2)
    case 0xD800..<0xE000: return (12, 4)  // A pair: the parser takes no half of one.
    default: return (6, 3)
    }
  }
}
