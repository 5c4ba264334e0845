typealias FormatBytes = Slice<UnsafeBufferPointer<UInt8>>

extension FormatScan {
  /// Four decimal numbers without leading zeros: RFC 2673, section 3.2.
  mutating func ipv4() -> Bool {
    for index in 0..<4 {
      if index > 0, !take(".") { return false }
      guard var value = digit() else { return false }
      let isZero = value == 0
      while let digit = digit() {
        value = value * 10 + digit
        if isZero || value > 255 { return false }
      }
    }
    return true
  }

  // MARK: E-mail: RFC 5321, section 4.1.2, and RFC 6531

  mutating func mailbox(isInternational: Bool) -> Bool {
    let begin = position
    let isLocal =
      next == UInt8(ascii: "\"")
      ? quotedString(isInternational) : dotString(isInternational)
    guard isLocal, position - begin <= 64, take("@") else { return false }
    if take("[") { return addressLiteral() }
    return isInternational ? Hostname.isValidInternational(rest) : Hostname.isValid(rest)
  }

  private mutating func dotString(_ isInternational: Bool) -> Bool {
    repeat {
      let begin = position
      while let next, Self.isAtomText(next) || (isInternational && next >= 0x80) { advance() }
      guard position > begin else { return false }
    } while take(".")
    return true
  }

  private static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }

  private mutating func quotedString(_ isInternational: Bool) -> Bool {
    advance()
    while let byte = next {
      advance()
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"):
        guard let next, (0x20...0x7E).contains(next) else { return false }
        advance()
      case 0x20...0x7E: break
      default: if !isInternational || byte < 0x80 { return false }
      }
    }
    return false
  }

  private mutating func addressLiteral() -> Bool {
    guard rest.last == UInt8(ascii: "]") else { return false }
    let address = rest.dropLast()
    let prefix = "IPv6:".utf8
    if address.starts(with: prefix) { return IPv6.isValid(address.dropFirst(prefix.count)) }
    return ipv4() && take("]") && isAtEnd
  }
}

/// RFC 4291, section 2.2, without zones.
enum IPv6 {
  static func isValid(_ text: FormatBytes) -> Bool {
    var groups = 0
    var hasGap = false
    var rest = text
    if rest.starts(with: "::".utf8) {
      hasGap = true
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let digits = rest.prefix { hexadecimalDigit(of: $0) != nil }
      let after = rest.dropFirst(digits.count)
      if after.first == UInt8(ascii: ".") {
        var scan = FormatScan(UnsafeBufferPointer(rebasing: rest))
        return scan.ipv4() && scan.isAtEnd && (hasGap ? groups < 6 : groups == 6)
      }
      guard (1...4).contains(digits.count) else { return false }
      groups += 1
      rest = after
      if rest.isEmpty { break }
      guard rest.first == UInt8(ascii: ":") else { return false }
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: ":") {
        guard !hasGap else { return false }
        hasGap = true
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return false
      }
    }
    return hasGap ? groups < 8 : groups == 8
  }
}
