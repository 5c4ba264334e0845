import EventCore

/// The value of a Retry-After header: RFC 9110, section 10.2.3.
enum RetryAfter: Equatable {
  case seconds(Int64)
  case date(Timestamp)

  /// Nil if it is neither.
  init?(_ text: String) {
    if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      // More seconds than fit are as good as the most that count.
      self = .seconds(Int64(text) ?? .max)
    } else if let date = HTTPDate(text) {
      self = .date(date.timestamp)
    } else {
      return nil
    }
  }

  /// From now on, from 0 to `RuntimeLimits.retryAfterMax`.
  func wait(from now: Timestamp) -> Duration {
    switch self {
    case .seconds(let seconds):
      .seconds(min(seconds, RuntimeLimits.retryAfterMax.components.seconds))
    case .date(let date):
      max(.zero, min(date - now, RuntimeLimits.retryAfterMax))
    }
  }
}
