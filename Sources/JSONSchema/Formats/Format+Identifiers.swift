/// UUIDs (RFC 4122), JSON pointers (RFC 6901) and URI templates (RFC 6570).
extension FormatScan {
  mutating func uuid() -> Bool {
    for (index, length) in [8, 4, 4, 4, 12].enumerated() {
      if index > 0, !take("-") { return false }
      for _ in 0..<length {
        guard let next, hexadecimalDigit(of: next) != nil else { return false }
        advance()
      }
    }
    return true
  }

  mutating func jsonPointer() -> Bool {
    guard isAtEnd || next == UInt8(ascii: "/") else { return false }
    while let byte = next {
      advance()
      if byte == UInt8(ascii: "~"), !take("0"), !take("1") { return false }
    }
    return true
  }

  mutating func relativeJSONPointer() -> Bool {
    if !take("0"), !digits() { return false }
    return take("#") ? isAtEnd : jsonPointer()
  }

  // MARK: URI templates

  mutating func uriTemplate() -> Bool {
    while let byte = next {
      advance()
      switch byte {
      case UInt8(ascii: "{"): if !expression() { return false }
      case UInt8(ascii: "%"): if !twoHexadecimalDigits() { return false }
      case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
        UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"),
        UInt8(ascii: "}"):
        return false
      default: break
      }
    }
    return true
  }

  private mutating func twoHexadecimalDigits() -> Bool {
    for _ in 0..<2 {
      guard let next, hexadecimalDigit(of: next) != nil else { return false }
      advance()
    }
    return true
  }

  /// After its brace.
  private mutating func expression() -> Bool {
    if let next, "+#./;?&=,!@|".utf8.contains(next) { advance() }
    repeat {
      guard variable() else { return false }
    } while take(",")
    return take("}")
  }

  private mutating func variable() -> Bool {
    var length = 0
    var isAfterDot = true
    while let byte = next {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: advance()
      case UInt8(ascii: "%"):
        advance()
        guard twoHexadecimalDigits() else { return false }
      case UInt8(ascii: ".") where !isAfterDot: advance()
      default: return length > 0 && !isAfterDot && modifier()
      }
      isAfterDot = byte == UInt8(ascii: ".")
      length += 1
    }
    return false
  }

  private mutating func modifier() -> Bool {
    if take("*") { return true }
    guard take(":") else { return true }
    guard let first = digit(), first > 0 else { return false }
    for _ in 0..<3 where digit() == nil { break }
    return true
  }
}
