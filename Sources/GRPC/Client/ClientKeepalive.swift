import NIOCore

/// Decides when a client's connection is probed with a PING, and when it counts as dead
/// (doc/keepalive.md). A value: nothing here reads a clock or touches a socket.
struct ClientKeepalive {
  enum Verdict: Equatable {
    case lookAgain(in: TimeAmount)
    case ping(lookAgainIn: TimeAmount)
    case cut
  }

  private let time: TimeAmount
  private let timeout: TimeAmount
  private let isWithoutCalls: Bool

  private var heardBytes = 0
  private var heardAt: NIODeadline
  private var pingedAt: NIODeadline?

  /// Nil if the limits ask for none.
  init?(_ limits: ClientLimits, time: TimeAmount?, now: NIODeadline) {
    guard let time else { return nil }
    self.time = time
    timeout = limits.keepaliveTimeout
    isWithoutCalls = limits.keepaliveWithoutCalls
    heardAt = now
  }

  /// - Parameter bytesReceived: on the connection so far; any byte shows that the server lives.
  mutating func look(bytesReceived: Int, hasCalls: Bool, now: NIODeadline) -> Verdict {
    if bytesReceived != heardBytes {
      // When exactly they came is not known; a probe may be this much late.
      heardBytes = bytesReceived
      heardAt = now
      pingedAt = nil
    }
    if let pingedAt {
      let silence = now - pingedAt
      return silence >= timeout ? .cut : .lookAgain(in: timeout - silence)
    }
    guard hasCalls || isWithoutCalls else { return .lookAgain(in: time) }
    let silence = now - heardAt
    guard silence >= time else { return .lookAgain(in: time - silence) }
    pingedAt = now
    return .ping(lookAgainIn: min(time, timeout))
  }
}
