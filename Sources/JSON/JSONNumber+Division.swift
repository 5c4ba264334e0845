extension JSONNumber {
  /// Digits of a divisor: its remainders times ten fit 128 bits.
  package static let divisorDigitsMax = 37

  /// Exactly, by long division: takes time in proportion to the digits, not to the size.
  ///
  /// - Precondition: `divisor` is not zero and has at most `divisorDigitsMax` digits.
  package func isMultiple(of divisor: JSONNumber) -> Bool {
    precondition(!divisor.isZero && divisor.rest.count <= Self.divisorDigitsMax - Self.headDigits)
    guard !isZero else { return true }
    // What is smaller than the divisor is no multiple of it.
    guard exponent >= divisor.exponent else { return false }
    if rest.isEmpty, divisor.rest.isEmpty {
      return isHeadMultiple(of: divisor.head, zeros: exponent - divisor.exponent)
    }
    return isWholeMultiple(of: divisor)
  }

  /// Both heads are whole numbers of 19 digits: this one, with the zeros that it is larger by, is
  /// divided. A divisor of 64 bits has fewer factors of 2 and of 5 than that: further zeros add
  /// nothing that it could be divided by.
  private func isHeadMultiple(of divisor: UInt64, zeros: Int) -> Bool {
    var remainder = head % divisor
    for _ in 0..<min(zeros, UInt64.bitWidth) {
      if remainder == 0 { return true }
      remainder = divisor.dividingFullWidth(remainder.multipliedFullWidth(by: 10)).remainder
    }
    return remainder == 0
  }

  private func isWholeMultiple(of divisor: JSONNumber) -> Bool {
    let own = digits
    let others = divisor.digits
    // Both as a whole number, which does not end in 0, times a power of ten.
    let power = (exponent - own.count) - (divisor.exponent - others.count)
    // The divisor has a factor of ten more than this number.
    guard power >= 0 else { return false }
    let whole = others.reduce(UInt128(0)) { $0 * 10 + UInt128($1) }
    let rest = own.reduce(UInt128(0)) { ($0 * 10 + UInt128($1)) % whole }
    // A whole number of so many digits has at most 3.33 times as many factors of 2, and fewer of 5:
    // further zeros add nothing that it could be divided by.
    let zeros = min(power, others.count * 4)
    return (0..<zeros).reduce(rest) { rest, _ in rest * 10 % whole } == 0
  }
}

extension JSONNumber: CustomStringConvertible {
  /// The same for equal numbers: `12.5`, `-3`, `1e400`.
  package var description: String {
    let digits = digits
    guard !digits.isEmpty else { return "0" }
    let text = String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
    let sign = isNegative ? "-" : ""
    switch exponent - digits.count {
    case 0...20: return sign + text + String(repeating: "0", count: exponent - digits.count)
    case let power where exponent > 0 && power < 0:
      return sign + text.prefix(exponent) + "." + text.dropFirst(exponent)
    case -25..<0:
      return sign + "0." + String(repeating: "0", count: -exponent) + text
    case let power: return sign + text + "e\(power)"
    }
  }
}
