/// A label of an internationalized host name, decoded: RFC 5891, section 4.2, with the derived
/// properties of RFC 5892. That it is in normalization form C is left unchecked.
enum InternationalLabel {
  static func isValid(_ label: [Unicode.Scalar]) -> Bool {
    guard let first = label.first, first != "-", label.last != "-", !isMark(first) else {
      return false
    }
    if label.count >= 4, label[2] == "-", label[3] == "-" { return false }
    for index in label.indices where !isAllowed(at: index, of: label) { return false }
    return hasValidDirection(label)
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }

  private static func isAllowed(at index: Int, of label: [Unicode.Scalar]) -> Bool {
    let scalar = label[index]
    if let isAllowed = allowedByContext(at: index, of: label) { return isAllowed }
    switch scalar.value {
    // Exceptions: RFC 5892, section 2.6.
    case 0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007: return true
    case 0x0640, 0x07FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
    // Old Hangul Jamo: section 2.9.
    case 0x1100...0x11FF, 0xA960...0xA97C, 0xD7B0...0xD7FB: return false
    case 0x2D, 0x30...0x39, 0x61...0x7A: return true
    case 0...0x7F: return false
    default: break
    }
    let properties = scalar.properties
    guard !properties.changesWhenNFKCCaseFolded, !properties.isWhitespace,
      !properties.isDefaultIgnorableCodePoint, !properties.isNoncharacterCodePoint
    else { return false }
    switch properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .otherLetter, .modifierLetter, .decimalNumber,
      .nonspacingMark, .spacingMark:
      return true
    default: return false
    }
  }

  /// RFC 5892, appendix A.
  ///
  /// - Returns: nil where no context matters.
  private static func allowedByContext(at index: Int, of label: [Unicode.Scalar]) -> Bool? {
    let before = index > 0 ? label[index - 1] : nil
    let after = index + 1 < label.count ? label[index + 1] : nil
    switch label[index].value {
    case 0x200C: return isVirama(before) || joins(at: index, of: label)
    case 0x200D: return isVirama(before)
    case 0x00B7: return before == "l" && after == "l"
    case 0x0375: return after.map { isGreek($0.value) } ?? false
    case 0x05F3, 0x05F4: return before.map { (0x0590...0x05FF).contains($0.value) } ?? false
    case 0x30FB: return label.contains { isKanaOrHan($0.value) }
    case 0x0660...0x0669: return !label.contains { (0x06F0...0x06F9).contains($0.value) }
    case 0x06F0...0x06F9: return !label.contains { (0x0660...0x0669).contains($0.value) }
    default: return nil
    }
  }

  private static func isVirama(_ scalar: Unicode.Scalar?) -> Bool {
    scalar?.properties.canonicalCombiningClass == .virama
  }

  /// Between letters of Arabic or a script like it, which join: an approximation of their joining
  /// types by their blocks.
  private static func joins(at index: Int, of label: [Unicode.Scalar]) -> Bool {
    let before = label[..<index].last { !isMark($0) }
    let after = label[(index + 1)...].first { !isMark($0) }
    let isJoining = { (scalar: Unicode.Scalar?) in
      scalar.map { (0x0620...0x08FF).contains($0.value) && $0.properties.isAlphabetic } ?? false
    }
    return isJoining(before) && isJoining(after)
  }

  private static func isGreek(_ code: UInt32) -> Bool {
    (0x0370...0x03FF).contains(code) || (0x1F00...0x1FFF).contains(code)
  }

  private static func isKanaOrHan(_ code: UInt32) -> Bool {
    switch code {
    case 0x30FB: false
    case 0x3005, 0x3007, 0x3041...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0x20000...0x3FFFF:
      true
    default: false
    }
  }

  // MARK: Direction: RFC 5893, section 2

  static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0660...0x0669, 0x06F0...0x06F9: false
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF:
      !isMark(scalar)
    default: false
    }
  }

  /// A label with letters from right to left begins with one, has no others, and digits of one kind.
  private static func hasValidDirection(_ label: [Unicode.Scalar]) -> Bool {
    guard label.contains(where: isRightToLeft) else { return true }
    guard let first = label.first, isRightToLeft(first) else { return false }
    let others = label.filter { !isRightToLeft($0) && !isMark($0) }
    let hasArabicDigits = others.contains { (0x0660...0x0669).contains($0.value) }
    let hasOtherDigits = others.contains {
      $0.isASCII && $0 != "-" || (0x06F0...0x06F9).contains($0.value)
    }
    return !(hasArabicDigits && hasOtherDigits)
      && others.allSatisfy { $0 == "-" || $0.properties.numericType == .decimal || isJoiner($0) }
  }

  private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x200C || scalar.value == 0x200D
  }
}
