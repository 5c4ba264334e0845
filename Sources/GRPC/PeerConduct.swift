import NIOCore

/// Counts what a client's connection costs beside its calls, and says when it is too much. A value:
/// it decides, and time is given to it.
struct PeerConduct {
  /// Why the connection ends with ENHANCE_YOUR_CALM.
  struct Offence: Equatable {
    let reason: String
    var debugData = ""
  }

  private var settings = Limits.controlFrames
  private var overhead = Limits.overhead
  private var resetsByUs = ResetCount()
  private var resetsByPeer = ResetCount()
  private var pings: PingStrikes
  private var messageFramesSeen = 0

  init(_ limits: ServerLimits) { pings = PingStrikes(limits) }

  /// - Parameter messageFramesSent: by us, so far.
  mutating func settingsReceived(messageFramesSent: Int, now: NIODeadline) -> Offence? {
    forgiveServed(messageFramesSent)
    return settings.take(now: now) ? nil : Offence(reason: "too many SETTINGS frames")
  }

  mutating func pingReceived(
    hasStreams: Bool, messageFramesSent: Int, now: NIODeadline
  ) -> Offence? {
    forgiveServed(messageFramesSent)
    guard !pings.allow(hasStreams: hasStreams, now: now) else { return nil }
    // The text that gRPC clients know, and answer by pinging less (gRFC A8).
    return Offence(reason: "too many PING frames", debugData: "too_many_pings")
  }

  mutating func overheadSpent(now: NIODeadline) -> Offence? {
    overhead.take(now: now) ? nil : Offence(reason: "too many frames that bring nothing")
  }

  /// - Parameters:
  ///   - sent: streams that we had to reset, so far.
  ///   - received: streams that the peer reset, so far.
  mutating func streamsReset(sent: Int, received: Int, now: NIODeadline) -> Offence? {
    guard resetsByUs.allow(sent, now: now) else {
      return Offence(reason: "too many streams had to be reset")
    }
    return resetsByPeer.allow(received, now: now)
      ? nil : Offence(reason: "it reset too many streams")
  }

  /// A peer that is being served may ping as often as its flow control likes.
  private mutating func forgiveServed(_ messageFramesSent: Int) {
    guard messageFramesSent != messageFramesSeen else { return }
    messageFramesSeen = messageFramesSent
    settings.reset()
    pings.forgive()
  }
}

/// Resets of one side.
private struct ResetCount {
  private var limit = Limits.resets
  private var charged = 0

  /// - Parameter count: so far.
  mutating func allow(_ count: Int, now: NIODeadline) -> Bool {
    let new = count - charged
    guard new > 0 else { return true }
    charged = count
    return limit.take(Int64(new), now: now)
  }
}
