import NIOCore

/// A token bucket: `burst` at once, then `perSecond`.
struct RateLimit {
  private let burst: Int64
  private let perSecond: Int64
  private var tokens: Int64
  private var refilled: NIODeadline?

  init(burst: Int64, perSecond: Int64) {
    self.burst = burst
    self.perSecond = perSecond
    tokens = burst
  }

  /// Takes `count` tokens; false if there are not as many.
  mutating func take(_ count: Int64 = 1, now: NIODeadline) -> Bool {
    refill(now: now)
    guard tokens >= count else { return false }
    tokens -= count
    return true
  }

  mutating func reset() { tokens = burst }

  private mutating func refill(now: NIODeadline) {
    guard let last = refilled else {
      refilled = now
      return
    }
    let elapsedNs = (now - last).nanoseconds
    let earned = elapsedNs / (1_000_000_000 / perSecond)
    guard earned > 0 else { return }
    tokens = min(burst, tokens + earned)
    refilled = now
  }
}
