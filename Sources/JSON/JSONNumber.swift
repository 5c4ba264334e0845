/// A number of JSON with all its digits: compared and divided exactly, whatever its size.
package struct JSONNumber: Sendable {
  package let isNegative: Bool
  /// Of 0 to 9, from the first that is not 0 to the last that is not 0; empty for zero.
  package let digits: [UInt8]
  /// The value is 0.d1d2d3… times 10 to this power; 0 for zero. What is past 64 bits is clamped.
  package let exponent: Int

  /// - Precondition: `text` is a number by JSON's grammar.
  package init(_ text: some Sequence<UInt8>) {
    var digits: [UInt8] = []
    var point: Int?
    var power = 0
    var isPowerNegative = false
    var isInPower = false
    var isNegative = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "-"): if isInPower { isPowerNegative = true } else { isNegative = true }
      case UInt8(ascii: "+"): break
      case UInt8(ascii: "."): point = digits.count
      case UInt8(ascii: "e"), UInt8(ascii: "E"): isInPower = true
      default:
        if isInPower {
          power = min(power * 10 + Int(byte &- 0x30), 1 << 56)
        } else {
          digits.append(byte &- 0x30)
        }
      }
    }
    let leading = digits.prefix { $0 == 0 }.count
    let integral = (point ?? digits.count) - leading
    digits.removeFirst(leading)
    while digits.last == 0 { digits.removeLast() }
    self.digits = digits
    self.isNegative = isNegative && !digits.isEmpty
    exponent = digits.isEmpty ? 0 : integral + (isPowerNegative ? -power : power)
  }

  /// - Returns: nil if it is no number by JSON's grammar.
  package init?(json text: String) {
    guard let document = try? JSONDocument(text),
      let number = document.read({ $0.number })
    else { return nil }
    self = number
  }

  package init(_ value: Int) {
    self.init(String(value).utf8)
  }

  /// Whether it has no fraction: 1.0 and 1e2 have none.
  package var isInteger: Bool { exponent >= digits.count }
}

extension JSONNumber: Hashable {}

extension JSONNumber: Comparable {
  package static func < (one: JSONNumber, other: JSONNumber) -> Bool {
    if one.isNegative != other.isNegative { return one.isNegative }
    return one.isNegative
      ? other.isMagnitudeLess(than: one) : one.isMagnitudeLess(than: other)
  }

  private func isMagnitudeLess(than other: JSONNumber) -> Bool {
    if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
    if exponent != other.exponent { return exponent < other.exponent }
    return digits.lexicographicallyPrecedes(other.digits)
  }
}

extension JSONNumber {
  /// Digits of a divisor: its remainders times ten fit 128 bits.
  package static let divisorDigitsMax = 37

  /// Exactly, by long division: takes time in proportion to the digits, not to the size.
  ///
  /// - Precondition: `divisor` is above zero and has at most `divisorDigitsMax` digits.
  package func isMultiple(of divisor: JSONNumber) -> Bool {
    precondition(!divisor.digits.isEmpty && divisor.digits.count <= Self.divisorDigitsMax)
    guard !digits.isEmpty else { return true }
    // Both as a whole number, which does not end in 0, times a power of ten.
    let (power, overflow) = (exponent - digits.count).subtractingReportingOverflow(
      divisor.exponent - divisor.digits.count)
    // The divisor has a factor of ten more than this number.
    guard power >= 0, !overflow else { return false }
    let whole = divisor.digits.reduce(UInt128(0)) { $0 * 10 + UInt128($1) }
    let rest = digits.reduce(UInt128(0)) { ($0 * 10 + UInt128($1)) % whole }
    // A whole number of so many digits has at most 3.33 times as many factors of 2, and fewer of 5:
    // further zeros add nothing that it could be divided by.
    let zeros = min(power, divisor.digits.count * 4)
    return (0..<zeros).reduce(rest) { rest, _ in rest * 10 % whole } == 0
  }
}

extension JSONNumber: CustomStringConvertible {
  /// The same for equal numbers: `12.5`, `-3`, `1e400`.
  package var description: String {
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
