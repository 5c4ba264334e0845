import JSON

/// Numbers between two bounds, compared exactly.
struct NumericRange: Sendable {
  struct Bound: Sendable {
    var number: JSONNumber
    var isIncluded: Bool
  }

  var lower: Bound?
  var upper: Bound?

  func contains(_ number: NumberText) -> Bool {
    if let lower {
      switch number.order(to: lower.number) {
      case .less: return false
      case .equal: if !lower.isIncluded { return false }
      case .greater: break
      }
    }
    guard let upper else { return true }
    switch number.order(to: upper.number) {
    case .less: return true
    case .equal: return upper.isIncluded
    case .greater: return false
    }
  }

  /// Whether there are numbers between the bounds.
  var isEmpty: Bool {
    guard let lower, let upper else { return false }
    if lower.number == upper.number { return !lower.isIncluded || !upper.isIncluded }
    return upper.number < lower.number
  }

  /// The number, if there is but one.
  var only: JSONNumber? {
    guard let lower, let upper, lower.number == upper.number else { return nil }
    return lower.number
  }
}

/// A number of a JSON text, compared where it stands: exactly, and without allocation.
struct NumberText {
  enum Order {
    case less, equal, greater

    var reversed: Order {
      switch self {
      case .less: .greater
      case .equal: .equal
      case .greater: .less
      }
    }
  }

  private let text: UnsafeBufferPointer<UInt8>
  private let isNegative: Bool
  /// From the first digit that is not 0 to the power or the end: digits and a point.
  private let digits: Range<Int>
  /// As `JSONNumber.exponent`.
  private let exponent: Int

  /// - Precondition: `text` is a number by JSON's grammar.
  init(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    isNegative = text.first == UInt8(ascii: "-")
    let end = text.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? text.count
    var first = end
    var exponent = 0
    var isFraction = false
    for index in (isNegative ? 1 : 0)..<end {
      switch text[index] {
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "0") where first == end:
        if isFraction { exponent -= 1 }
      default:
        first = min(first, index)
        if !isFraction { exponent += 1 }
      }
    }
    digits = first..<end
    self.exponent = digits.isEmpty ? 0 : exponent + Self.power(text[min(end + 1, text.count)...])
  }

  /// Clamped as `JSONNumber` does it.
  private static func power(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    var power = 0
    for byte in text where byte &- 0x30 < 10 {
      power = min(power * 10 + Int(byte &- 0x30), 1 << 56)
    }
    return text.first == UInt8(ascii: "-") ? -power : power
  }

  func order(to other: JSONNumber) -> Order {
    let isZero = digits.isEmpty
    let isBelowZero = isNegative && !isZero
    if isBelowZero != other.isNegative { return isBelowZero ? .less : .greater }
    if isZero || other.digits.isEmpty {
      if isZero { return other.digits.isEmpty ? .equal : .less }
      return .greater
    }
    let order = magnitudeOrder(to: other)
    return isBelowZero ? order.reversed : order
  }

  private func magnitudeOrder(to other: JSONNumber) -> Order {
    if exponent != other.exponent { return exponent < other.exponent ? .less : .greater }
    var place = 0
    for index in digits where text[index] != UInt8(ascii: ".") {
      let digit = text[index] &- 0x30
      let counterpart = place < other.digits.count ? other.digits[place] : 0
      if digit != counterpart { return digit < counterpart ? .less : .greater }
      place += 1
    }
    // The last digit of the other is not 0.
    return place < other.digits.count ? .less : .equal
  }
}
