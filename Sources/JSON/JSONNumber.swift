/// A number of JSON with all its digits: compared and divided exactly, whatever its size.
///
/// Numbers of up to 19 digits, from the first that is not 0 to the last, take no memory of their own.
package struct JSONNumber: Hashable, Sendable {
  package let isNegative: Bool
  /// The value is 0.d1d2d3… times 10 to this power, where d1 is not 0; 0 for zero. What is past 56
  /// bits is clamped; no document has such numbers.
  package let exponent: Int
  /// d1 to d19 as a whole number; 0 for zero.
  let head: UInt64
  /// d20 and further, to the last that is not 0.
  let rest: [UInt8]

  /// Numbers of no more digits are looked at in a few nanoseconds.
  package static let headDigits = 19

  /// - Precondition: `text` is a number by JSON's grammar.
  package init(_ text: UnsafeBufferPointer<UInt8>) {
    var index = text.first == UInt8(ascii: "-") ? 1 : 0
    var digits = Digits()
    while index < text.count {
      let byte = text[index]
      index += 1
      if byte &- 0x30 < 10 {
        digits.append(byte &- 0x30)
      } else if byte == UInt8(ascii: ".") {
        digits.isInFraction = true
      } else {
        break
      }
    }
    while digits.rest.last == 0 { digits.rest.removeLast() }
    let isZero = digits.count == 0
    isNegative = text.first == UInt8(ascii: "-") && !isZero
    exponent = isZero ? 0 : digits.exponent + Self.power(text[index...])
    head = digits.head &* Self.powersOfTen[max(0, Self.headDigits - digits.count)]
    rest = digits.rest
  }

  package init(_ text: some Sequence<UInt8>) {
    self = Array(text).withUnsafeBufferPointer { JSONNumber($0) }
  }

  /// - Returns: nil if it is no number by JSON's grammar.
  package init?(json text: String) {
    guard let document = try? JSONDocument(text), let number = document.read({ $0.number })
    else { return nil }
    self = number
  }

  package init(_ value: Int) {
    self.init(String(value).utf8)
  }

  /// - Parameter text: what is after the `e`; nothing for 0.
  private static func power(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var power = 0
    for byte in text where byte &- 0x30 < 10 {
      power = min(power * 10 + Int(byte &- 0x30), JSONLimits.exponentMax)
    }
    return text.first == UInt8(ascii: "-") ? -power : power
  }

  static let powersOfTen: [UInt64] = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}

/// What is read of a number's digits so far.
private struct Digits {
  var head: UInt64 = 0
  var rest: [UInt8] = []
  /// From the first that is not 0.
  var count = 0
  var exponent = 0
  var isInFraction = false

  @inline(__always)
  mutating func append(_ digit: UInt8) {
    if count == 0, digit == 0 {
      if isInFraction { exponent -= 1 }
      return
    }
    count += 1
    if !isInFraction { exponent += 1 }
    if count <= JSONNumber.headDigits {
      head = head &* 10 &+ UInt64(digit)
    } else {
      rest.append(digit)
    }
  }
}

extension JSONNumber {
  package var isZero: Bool { head == 0 }

  /// Of 0 to 9, from the first that is not 0 to the last that is not 0; empty for zero.
  package var digits: [UInt8] {
    var digits = Self.powersOfTen.prefix(Self.headDigits).reversed().map { power in
      UInt8(head / power % 10)
    }
    digits += rest
    while digits.last == 0 { digits.removeLast() }
    return digits
  }

  /// Whether it has no fraction: 1.0 and 1e2 have none.
  package var isInteger: Bool {
    if isZero { return true }
    if exponent >= Self.headDigits { return exponent >= Self.headDigits + rest.count }
    return exponent > 0 && rest.isEmpty && head % Self.powersOfTen[Self.headDigits - exponent] == 0
  }

  /// Nil unless it is an integer that fits: 1.0 and 1e2 are.
  package var int64: Int64? {
    guard isInteger, exponent <= Self.headDigits else { return nil }
    let magnitude = head / Self.powersOfTen[Self.headDigits - exponent]
    guard isNegative else { return Int64(exactly: magnitude) }
    return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }
}

extension JSONNumber: Comparable {
  package static func < (one: JSONNumber, other: JSONNumber) -> Bool {
    if one.isNegative != other.isNegative { return one.isNegative }
    return one.isNegative
      ? other.isMagnitudeLess(than: one) : one.isMagnitudeLess(than: other)
  }

  private func isMagnitudeLess(than other: JSONNumber) -> Bool {
    if isZero || other.isZero { return isZero && !other.isZero }
    if exponent != other.exponent { return exponent < other.exponent }
    if head != other.head { return head < other.head }
    return rest.lexicographicallyPrecedes(other.rest)
  }
}
