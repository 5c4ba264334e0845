import NIOCore

/// Judges a client's PINGs (gRFC A8): those that come too soon after the one before are strikes.
/// A value: it decides, and time is given to it.
struct PingStrikes {
  private let intervalMin: TimeAmount
  private let strikesMax: Int
  private let permitsWithoutStreams: Bool
  private var strikes = 0
  private var last: NIODeadline?

  /// What gRPC allows a client without streams that was not permitted more.
  static let intervalWithoutStreams = TimeAmount.hours(2)

  init(_ limits: ServerLimits) {
    intervalMin = limits.pingIntervalMin
    strikesMax = limits.pingStrikesMax
    permitsWithoutStreams = limits.permitsPingsWithoutStreams
  }

  /// We sent HEADERS or DATA: the client has a reason to measure the connection.
  mutating func forgive() {
    strikes = 0
    last = nil
  }

  /// A PING came; false if it is one too many.
  mutating func allow(hasStreams: Bool, now: NIODeadline) -> Bool {
    let interval =
      hasStreams || permitsWithoutStreams ? intervalMin : Self.intervalWithoutStreams
    guard let last, now - last < interval else {
      self.last = now
      return true
    }
    strikes += 1
    return strikes <= strikesMax
  }
}
