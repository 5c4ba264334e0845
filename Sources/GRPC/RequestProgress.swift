import NIOCore

/// Decides, from looks once a second, whether a client takes too long over a request message
/// (a slow body). A value: time is given to it, and a message that comes in time costs a store.
struct RequestProgress {
  private var since: NIODeadline?

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
    guard let since else {
      since = now
      return false
    }
    let earned = TimeAmount.seconds(Int64(bytes / limits.messageBytesPerSecondMin))
    return now - since >= limits.messageTimeout + earned
  }
}
