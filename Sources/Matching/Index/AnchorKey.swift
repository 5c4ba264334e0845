internal import EventCore
internal import Expressions
internal import JSON

/// A condition at a place of the index, as the number that a table finds its subscriptions by: FNV-1a
/// of 64 bits of the value, begun with the place and the kind of condition.
///
/// Two conditions may have the same key, by chance or because somebody looked for it. Then each finds
/// the other's subscriptions too, whose filters say no: it costs time, of an organization that could
/// as well have written filters without anchors.
struct AnchorKey: Hashable, Sendable {
  private(set) var value: UInt64

  /// What begins the keys of all conditions of one kind at one place.
  init(_ kind: Kind, at place: UInt64) {
    value = StableHash.mixed(place << 2 | kind.rawValue)
  }

  enum Kind: UInt64 {
    case text, prefix, number
    /// Boolean or null.
    case constant
  }

  init(_ condition: Anchor.Condition, at place: UInt64) {
    switch condition {
    case .string(let text):
      self.init(.text, at: place)
      append(text.utf8)
    case .prefix(let prefix):
      self.init(.prefix, at: place)
      append(prefix.utf8.prefix(MatchingLimits.anchorPrefixBytesMax))
    case .number(let digits):
      self.init(.number, at: place)
      appendNumber(digits.utf8)
    case .boolean(let flag): self.init(flag ? Constant.true : .false, at: place)
    case .null: self.init(Constant.null, at: place)
    }
  }

  init(_ constant: Constant, at place: UInt64) {
    self.init(.constant, at: place)
    append(constant.rawValue)
  }

  enum Constant: UInt8 {
    case null, `false`, `true`
  }

  mutating func append(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { append(byte) }
  }

  /// Equal numbers give the same key, however they are written: of 0.d1d2d3… times 10 to a power, the
  /// sign, the digits from the first to the last that is not 0, and the power.
  ///
  /// - Precondition: `text` is a number by JSON's grammar.
  mutating func appendNumber(_ text: some Sequence<UInt8>) {
    var digits = NumberDigits()
    for byte in text {
      guard let digit = digits.take(byte) else { continue }
      // Zeros count only when another digit follows.
      for _ in 0..<digits.takeZeros() { append(0) }
      append(digit)
    }
    guard digits.isAny else { return append(0xFF) }
    append(digits.isNegative ? 0xFE : 0xFD)
    for shift in stride(from: 0, to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: digits.power >> shift))
    }
  }
}

/// Reads a JSON number byte by byte.
private struct NumberDigits {
  private(set) var isNegative = false
  private(set) var isAny = false
  private var zeros = 0
  /// Of digits before the point from the first that is not 0 on, less the zeros that come after it
  /// before that.
  private var point = 0
  private var isFraction = false
  private var isExponent = false
  private var isExponentNegative = false
  private var exponent = 0

  /// The power of ten; what is past a bound is all the same, so that no spelling of it makes a
  /// difference.
  var power: Int {
    min(max(point + (isExponentNegative ? -exponent : exponent), -Self.powerMax), Self.powerMax)
  }

  private static let powerMax = 1 << 40

  /// - Returns: a digit that is not 0.
  mutating func take(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "-"): if isExponent { isExponentNegative = true } else { isNegative = true }
    case UInt8(ascii: "+"): break
    case UInt8(ascii: "."): isFraction = true
    case UInt8(ascii: "e"), UInt8(ascii: "E"): isExponent = true
    default: return take(digit: byte &- 0x30)
    }
    return nil
  }

  private mutating func take(digit: UInt8) -> UInt8? {
    if isExponent {
      exponent = min(exponent * 10 + Int(digit), 1 << 56)
      return nil
    }
    if digit != 0 { isAny = true }
    if isAny, !isFraction { point += 1 } else if !isAny, isFraction { point -= 1 }
    if digit == 0 {
      if isAny { zeros += 1 }
      return nil
    }
    return digit
  }

  /// Those since the digit before.
  mutating func takeZeros() -> Int {
    defer { zeros = 0 }
    return zeros
  }
}
