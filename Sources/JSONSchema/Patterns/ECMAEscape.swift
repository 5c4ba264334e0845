/// Reads what follows a backslash in a regular expression: ECMA-262, section 22.2.1.
struct ECMAEscape {
  enum Meaning {
    case scalar(Unicode.Scalar)
    /// What stands within the brackets of a class of RE2.
    case set(String)
    case wordBoundary(isNegated: Bool)
    case unsupported(String)
  }

  let scalars: [Unicode.Scalar]
  private(set) var position: Int

  init(scalars: [Unicode.Scalar], position: Int) {
    self.scalars = scalars
    self.position = position
  }

  static let anything = #"[\x{0}-\x{10ffff}]"#
  static let nothing = #"[^\x{0}-\x{10ffff}]"#
  private static let space =
    #"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"#
  private static let notSpace =
    #"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"#
    + #"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"#

  /// A scalar as it stands for itself in RE2, within a class or not.
  static func literal(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z": String(scalar)
    default: #"\x{"# + String(scalar.value, radix: 16) + "}"
    }
  }

  private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  mutating func read(inClass: Bool) throws(PatternError) -> Meaning {
    guard let scalar = next else {
      throw PatternError(.malformed("a '\\' stands at the end"))
    }
    position += 1
    switch scalar {
    case "d": return .set("0-9")
    case "D": return .set(#"\x{0}-/:-\x{10ffff}"#)
    case "w": return .set("0-9A-Z_a-z")
    case "W": return .set(#"\x{0}-/:-@\x{5b}-\x{5e}\x{60}\x{7b}-\x{10ffff}"#)
    case "s": return .set(Self.space)
    case "S": return .set(Self.notSpace)
    case "p": return try property(isNegated: false)
    case "P": return try property(isNegated: true)
    case "b": return inClass ? .scalar("\u{8}") : .wordBoundary(isNegated: false)
    case "B" where !inClass: return .wordBoundary(isNegated: true)
    case "k" where !inClass: return .unsupported("a back-reference")
    case "1"..."9" where !inClass:
      while let digit = next, ("0"..."9").contains(digit) { position += 1 }
      return .unsupported("a back-reference")
    default: return .scalar(try character(scalar))
    }
  }

  private mutating func character(_ scalar: Unicode.Scalar) throws(PatternError) -> Unicode.Scalar {
    switch scalar {
    case "t": return "\t"
    case "n": return "\n"
    case "v": return "\u{B}"
    case "f": return "\u{C}"
    case "r": return "\r"
    case "0":
      if let digit = next, ("0"..."9").contains(digit) { throw malformed(scalar) }
      return "\0"
    case "c":
      guard let letter = next, letter.isASCII, letter.properties.isAlphabetic else {
        throw malformed(scalar)
      }
      position += 1
      return Unicode.Scalar(UInt8(letter.value % 32))
    case "x":
      guard let code = hexadecimal(2), let found = Unicode.Scalar(code) else {
        throw malformed(scalar)
      }
      return found
    case "u": return try unicode()
    case "0"..."9", "A"..."Z", "a"..."z": throw malformed(scalar)
    default: return scalar
    }
  }

  private func malformed(_ scalar: Unicode.Scalar) -> PatternError {
    PatternError(.malformed("'\\\(scalar)' is no escape"))
  }

  /// Exactly so many digits.
  private mutating func hexadecimal(_ count: Int) -> UInt32? {
    guard position + count <= scalars.count else { return nil }
    var code: UInt32 = 0
    for scalar in scalars[position..<position + count] {
      guard let digit = hexadecimalDigit(of: scalar) else { return nil }
      code = code << 4 | UInt32(digit)
    }
    position += count
    return code
  }

  /// `\uXXXX`, a pair of them, or `\u{X…}`, after the `u`.
  private mutating func unicode() throws(PatternError) -> Unicode.Scalar {
    if take("{") {
      var code: UInt32 = 0
      let begin = position
      while let digit = next.flatMap({ hexadecimalDigit(of: $0) }), code <= 0x10FFFF {
        code = code << 4 | UInt32(digit)
        position += 1
      }
      guard position > begin, take("}"), let scalar = Unicode.Scalar(code) else {
        throw malformed("u")
      }
      return scalar
    }
    guard let first = hexadecimal(4) else { throw malformed("u") }
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take("\\"), take("u"), let second = hexadecimal(4),
      (0xDC00..<0xE000).contains(second)
    else { throw PatternError(.malformed("'\\u' is half a surrogate pair")) }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))!
  }

  /// `{Name}` or `{Name=Value}` after `\p`.
  private mutating func property(isNegated: Bool) throws(PatternError) -> Meaning {
    guard take("{"), let end = scalars[position...].firstIndex(of: "}") else {
      throw malformed("p")
    }
    var name = String.UnicodeScalarView()
    name.append(contentsOf: scalars[position..<end])
    position = end + 1
    switch UnicodeProperty.set(named: String(name), isNegated: isNegated) {
    case .known(let set): return .set(set)
    case .unsupported: return .unsupported("the property '\(Cited.text(String(name)))'")
    case .unknown:
      throw PatternError(.malformed("'\(Cited.text(String(name)))' is no property of characters"))
    }
  }
}

/// - Returns: nil if it is no hexadecimal digit.
func hexadecimalDigit(of scalar: Unicode.Scalar) -> UInt8? {
  scalar.isASCII ? hexadecimalDigit(of: UInt8(scalar.value)) : nil
}
