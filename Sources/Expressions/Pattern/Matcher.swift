import JSON

/// One alternative of a pattern's field: what a single value is compared with. The large ones are
/// apart, so that the many small ones take 16 bytes.
enum Matcher: Sendable {
  /// Any at all: `{"exists": true}`.
  case anything
  case string([UInt8])
  indirect case number(JSONNumber)
  case boolean(Bool)
  case null
  case prefix([UInt8])
  case suffix([UInt8])
  case folded(FoldedText, at: FoldedText.Place)
  indirect case wildcard(Wildcard)
  indirect case numeric(NumericRange)
  indirect case cidr(AddressBlock)
  /// None of these.
  case anythingBut([Matcher])
}

/// A value of an event that contains no others.
enum Scalar {
  /// In UTF-8.
  case string(UnsafeBufferPointer<UInt8>)
  /// In JSON's digits.
  case number(UnsafeBufferPointer<UInt8>)
  case boolean(Bool)
  case null
}

extension Matcher {
  func holds(for value: Scalar) -> Bool {
    switch value {
    case .string(let text): holds(for: text)
    case .number(let digits): holds(for: JSONNumber(digits), of: value)
    case .boolean(let flag):
      switch self {
      case .anything: true
      case .boolean(let other): other == flag
      case .anythingBut(let others): !others.contains { $0.holds(for: value) }
      default: false
      }
    case .null:
      switch self {
      case .anything, .null: true
      case .anythingBut(let others): !others.contains { $0.holds(for: value) }
      default: false
      }
    }
  }

  private func holds(for number: JSONNumber, of value: Scalar) -> Bool {
    switch self {
    case .anything: true
    case .number(let other): number == other
    case .numeric(let range): range.contains(number)
    case .anythingBut(let others): !others.contains { $0.holds(for: value) }
    default: false
    }
  }

  private func holds(for text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch self {
    case .anything: true
    case .string(let other): text.count == other.count && text.starts(with: other)
    case .prefix(let prefix): text.starts(with: prefix)
    case .suffix(let suffix): text.ends(with: suffix)
    case .folded(let folded, let place): folded.isFound(in: text, place)
    case .wildcard(let wildcard): wildcard.matches(text)
    case .cidr(let block): block.contains(text)
    case .anythingBut(let others): !others.contains { $0.holds(for: .string(text)) }
    case .number, .boolean, .null, .numeric: false
    }
  }

  /// What one comparison costs at most with a text or number of so many bytes.
  func steps(bytes: Int) -> Int {
    switch self {
    case .anything, .string, .boolean, .null, .prefix, .suffix, .cidr: 1
    // Up to four bytes are one character, and one character up to three others when folded.
    case .folded(let folded, _): 1 + min(bytes, folded.bytes.count * 4)
    case .wildcard, .number, .numeric: 1 + bytes >> 3
    case .anythingBut(let others): others.reduce(1) { $0 + $1.steps(bytes: bytes) }
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  func ends(with suffix: [UInt8]) -> Bool {
    count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
  }
}
