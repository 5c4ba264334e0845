/// How many attempts may start by a rate. Tokens come in evenly and are kept up to the burst; each
/// start takes one.
///
/// ```
/// tokens ──(time)──▶ +perSecond, at most burst          start: tokens ≥ 1 ──▶ tokens − 1
/// ```
package struct TokenBucket: Sendable {
  package let limit: RateLimit
  private let burst: Double
  private var tokens: Double
  /// When `tokens` was counted; nil until the first start, before which it is full.
  private var time: Timestamp?

  package init(_ limit: RateLimit) {
    self.limit = limit
    burst = limit.burst > 0 ? Double(limit.burst) : max(1, limit.perSecond.rounded(.down))
    tokens = burst
  }

  /// Nil if one may start at `now`, else when one may.
  package mutating func waitEnd(at now: Timestamp) -> Timestamp? {
    fill(at: now)
    guard tokens < 1 else { return nil }
    // Rounded up: a timer that is a nanosecond early would find nothing, and ask again at once.
    let wait = ((1 - tokens) / limit.perSecond * 1e9).rounded(.up) + 1
    return now + .nanoseconds(Int64(wait))
  }

  /// One starts, which `waitEnd` allowed.
  package mutating func take(at now: Timestamp) {
    fill(at: now)
    tokens -= 1
  }

  private mutating func fill(at now: Timestamp) {
    defer { time = now }
    // A clock that was set back brings nothing, and takes nothing.
    guard let time, now > time else { return }
    let seconds = Double((now - time).wholeNanoseconds) / 1e9
    tokens = min(burst, tokens + seconds * limit.perSecond)
  }
}
