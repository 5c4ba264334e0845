/// RFC 3986 as far as CloudEvents attributes need it: is a text one, and has it a scheme?
struct URIReference {
  /// Nil for a relative reference.
  let scheme: Substring?

  /// Section 4.1; nil if `text` is none. Of the authority only the characters are looked at.
  init?(_ text: String) {
    let bytes = text.utf8
    let end = bytes.firstIndex { Self.ending.contains($0) }
    if let end, bytes[end] == UInt8(ascii: ":") {
      guard Self.isScheme(bytes[..<end]) else { return nil }
      scheme = text[..<end]
    } else {
      scheme = nil
    }
    var rest = bytes[...]
    var fragments = 0
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard rest.count >= 2, rest.prefix(2).allSatisfy(Self.isHexDigit) else { return nil }
        rest = rest.dropFirst(2)
      } else if byte == UInt8(ascii: "#") {
        fragments += 1
      } else {
        guard Self.isAlphanumeric(byte) || Self.marks.contains(byte) else { return nil }
      }
    }
    guard fragments < 2 else { return nil }
  }

  /// What comes first of these says whether there is a scheme.
  private static let ending = Array(":/?#".utf8)
  /// Section 2.2 and 2.3, but for letters, digits, '#' and '%'.
  private static let marks = Array("-._~:/?[]@!$&'()*+,;=".utf8)

  private static func isScheme(_ bytes: Substring.UTF8View) -> Bool {
    guard let first = bytes.first, isAlphanumeric(first), !isDigit(first) else { return false }
    return bytes.allSatisfy { isAlphanumeric($0) || "+-.".utf8.contains($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
