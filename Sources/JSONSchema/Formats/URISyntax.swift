/// The grammar of URIs (RFC 3986, appendix A) and of IRIs (RFC 3987, section 2.2).
struct URISyntax {
  let isInternational: Bool

  func isURI(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")), isScheme(text[..<colon]) else {
      return false
    }
    return isRelative(text[(colon + 1)...])
  }

  func isReference(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    if isURI(text) { return true }
    // A colon in the first segment would make a scheme of what is before it.
    let end = text.firstIndex { "/?#".utf8.contains($0) } ?? text.endIndex
    return !text[..<end].contains(UInt8(ascii: ":")) && isRelative(text[...])
  }

  private func isScheme(_ text: FormatBytes) -> Bool {
    guard let first = text.first, (0x61...0x7A).contains(first | 0x20) else { return false }
    return text.allSatisfy { byte in
      (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
        || "+-.".utf8.contains(byte)
    }
  }

  /// Authority, path, query and fragment.
  private func isRelative(_ text: FormatBytes) -> Bool {
    var rest = text
    if let mark = rest.firstIndex(of: UInt8(ascii: "#")) {
      guard areCharacters(rest[(mark + 1)...], and: "/?:@") else { return false }
      rest = rest[..<mark]
    }
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
      guard areCharacters(rest[(mark + 1)...], and: "/?:@", allowsPrivate: true) else {
        return false
      }
      rest = rest[..<mark]
    }
    if rest.starts(with: "//".utf8) {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
      guard isAuthority(rest[..<end]) else { return false }
      rest = rest[end...]
    }
    return areCharacters(rest, and: "/:@")
  }

  private func isAuthority(_ text: FormatBytes) -> Bool {
    var host = text
    if let mark = host.firstIndex(of: UInt8(ascii: "@")) {
      guard areCharacters(host[..<mark], and: ":") else { return false }
      host = host[(mark + 1)...]
    }
    if host.first == UInt8(ascii: "[") {
      guard let end = host.firstIndex(of: UInt8(ascii: "]")),
        isIPLiteral(host[(host.startIndex + 1)..<end])
      else { return false }
      return isPort(host[(end + 1)...])
    }
    let end = host.firstIndex(of: UInt8(ascii: ":")) ?? host.endIndex
    return areCharacters(host[..<end], and: "") && isPort(host[end...])
  }

  /// Empty, or a colon and any number of digits.
  private func isPort(_ text: FormatBytes) -> Bool {
    text.isEmpty
      || (text.first == UInt8(ascii: ":")
        && text.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
  }

  private func isIPLiteral(_ text: FormatBytes) -> Bool {
    guard let first = text.first, first | 0x20 == UInt8(ascii: "v") else {
      return IPv6.isValid(text)
    }
    let parts = text.dropFirst().split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty
      && parts[0].allSatisfy { hexadecimalDigit(of: $0) != nil }
      && parts[1].allSatisfy { isPlain($0) || $0 == UInt8(ascii: ":") }
  }

  /// Unreserved characters and sub-delimiters.
  private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "-._~!$&'()*+,;=".utf8.contains(byte)
    }
  }

  private func areCharacters(
    _ text: FormatBytes, and others: StaticString, allowsPrivate: Bool = false
  ) -> Bool {
    let others = UnsafeBufferPointer(start: others.utf8Start, count: others.utf8CodeUnitCount)
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      if byte >= 0x80 {
        guard isInternational, let length = allowed(text[index...], allowsPrivate) else {
          return false
        }
        index += length
        continue
      }
      if byte == UInt8(ascii: "%") {
        let digits = text[(index + 1)...].prefix(2)
        guard digits.count == 2, digits.allSatisfy({ hexadecimalDigit(of: $0) != nil }) else {
          return false
        }
      } else if !isPlain(byte), !others.contains(byte) {
        return false
      }
      index += 1
    }
    return true
  }

  /// - Returns: the length of the character at hand in bytes, if an IRI may have it.
  private func allowed(_ text: FormatBytes, _ allowsPrivate: Bool) -> Int? {
    var decoder = UTF8()
    var iterator = text.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    let isAllowed =
      switch scalar.value {
      case 0xA0...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFEF: true
      case 0xE000...0xF8FF, 0xF0000...0xFFFFD, 0x100000...0x10FFFD: allowsPrivate
      case 0xE0000...0xE0FFF: false
      case 0x10000...0xEFFFD: scalar.value & 0xFFFF < 0xFFFE
      default: false
      }
    return isAllowed ? UTF8.width(scalar) : nil
  }
}
