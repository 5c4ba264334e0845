import NIOCore

/// Decides, from what a connection looks like once a second, whether it has had its time. A value:
/// nothing here reads a clock or touches a socket.
struct ConnectionWatch {
  /// What a connection looks like.
  struct Sight {
    var hasShakenHands = true
    var hasUnfinishedHeaders = false
    var isInsideFrame = false
    var framesBegun = 0
    var bytesReceived = 0
    var openStreams = 0
    /// Bytes that wait for the peer's windows, and HEADERS and DATA frames sent.
    var outboundBytes = 0
    var framesSent = 0
    /// The server's, for all calls.
    var isMemoryShort = false
    var fullSince: NIODeadline?
    var activeSince: NIODeadline
  }

  enum Verdict: Equatable {
    case goOn
    case ping
    /// End it gracefully.
    case drain
    /// Close it, for the reason that the log gives.
    case cut(String)
  }

  private let limits: ServerLimits
  private let start: NIODeadline
  private let age: TimeAmount?

  private var headersSince: NIODeadline?
  private var frameSince: (frame: Int, at: NIODeadline)?
  private var stuckSince: (framesSent: Int, at: NIODeadline)?
  private var heardBytes = 0
  private var heardAt: NIODeadline
  private var pingedAt: NIODeadline?

  /// - Parameter jitter: from -1 to 1, the share of a tenth of the maximum age to add to it.
  init(_ limits: ServerLimits, jitter: Double, now: NIODeadline) {
    self.limits = limits
    start = now
    heardAt = now
    age = limits.connectionAgeMax.map {
      .nanoseconds($0.nanoseconds + Int64(Double($0.nanoseconds) * jitter / 10))
    }
  }

  mutating func look(_ sight: Sight, now: NIODeadline) -> Verdict {
    note(sight, now)
    if !sight.hasShakenHands {
      return now - start >= limits.handshakeTimeout ? .cut("no handshake") : .goOn
    }
    if let since = headersSince, now - since >= limits.headersTimeout {
      return .cut("a header section that does not end")
    }
    if let (_, since) = frameSince, now - since >= limits.frameTimeout {
      return .cut("a frame that does not end")
    }
    let stalledTimeout =
      sight.isMemoryShort
      ? min(limits.stalledTimeout, Limits.stalledTimeoutWhenShort) : limits.stalledTimeout
    if let since = sight.fullSince, now - since >= stalledTimeout {
      return .cut("a full socket that the client does not read")
    }
    if let (_, since) = stuckSince, now - since >= stalledTimeout {
      return .cut("windows that the client does not open")
    }
    if let age, now - start >= age { return aged(by: now - start - age) }
    if sight.openStreams == 0, now - sight.activeSince >= limits.idleTimeout { return .drain }
    return keepAlive(now)
  }

  private mutating func note(_ sight: Sight, _ now: NIODeadline) {
    headersSince = sight.hasUnfinishedHeaders ? headersSince ?? now : nil
    if !sight.isInsideFrame {
      frameSince = nil
    } else if frameSince?.frame != sight.framesBegun {
      frameSince = (sight.framesBegun, now)
    }
    if sight.outboundBytes < Limits.stuckBytesMin {
      stuckSince = nil
    } else if stuckSince?.framesSent != sight.framesSent {
      stuckSince = (sight.framesSent, now)
    }
    if sight.bytesReceived != heardBytes {
      heardBytes = sight.bytesReceived
      heardAt = now
      pingedAt = nil
    }
  }

  private func aged(by extra: TimeAmount) -> Verdict {
    guard let grace = limits.connectionAgeGrace, extra >= grace else { return .drain }
    return .cut("it reached its maximum age")
  }

  private mutating func keepAlive(_ now: NIODeadline) -> Verdict {
    if let pingedAt {
      return now - pingedAt >= limits.keepaliveTimeout ? .cut("no answer to a PING") : .goOn
    }
    guard now - heardAt >= limits.keepaliveTime else { return .goOn }
    pingedAt = now
    return .ping
  }
}
