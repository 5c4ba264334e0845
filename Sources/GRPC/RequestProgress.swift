import NIOCore

/// Decides, from looks once a second, whether a client takes too long over a request message
/// (a slow body). A value: time is given to it, and a message that comes in time costs a store.
struct RequestProgress {
  /// When the span began that is looked at, and what had come of the message by then.
  private var since: NIODeadline?
  private var bytesThen = 0

  /// The next one has all its time.
  mutating func messageArrived() { since = nil }

  /// - Parameters:
  ///   - isAwaited: a message has begun, or the call cannot begin without one.
  ///   - bytes: of it so far.
  mutating func isTooSlow(
    isAwaited: Bool, bytes: Int, _ limits: ServerLimits, now: NIODeadline
  ) -> Bool {
    guard isAwaited else {
      since = nil
      return false
    }
    if let since {
      let span = now - since
      guard span >= limits.messageTimeout else { return false }
      let seconds = Int(span.nanoseconds / 1_000_000_000)
      guard bytes - bytesThen >= seconds * limits.messageBytesPerSecondMin else { return true }
    }
    since = now
    bytesThen = bytes
    return false
  }
}
