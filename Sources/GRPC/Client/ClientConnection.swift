import HTTP2
import Logging
import NIOCore

/// The client's end of a connection.
final class ClientConnection: Connection, @unchecked Sendable {
  /// The server has shown that it speaks HTTP/2.
  private var isReady = false

  /// No new call may be put on it: the server is going away, or it is closed.
  private(set) var isClosing = false

  /// What the server did wrong, if that ended the connection.
  private(set) var fault: String?

  /// What calls are told that were open when it closed.
  var loss: String {
    "the connection to \(endpoint) was lost" + (fault.map { ": \($0)" } ?? "")
  }

  let endpoint: Endpoint
  private weak var owner: Subchannel?
  private let limits: ClientLimits
  private let keepaliveTime: TimeAmount?
  private var keepalive: ClientKeepalive?
  private var keepaliveTimer: Scheduled<Void>?
  private var isEnding = false
  private var overhead = Limits.overhead

  init(
    limits: ClientLimits, keepaliveTime: TimeAmount?, owner: Subchannel, loop: any EventLoop,
    logger: Logger
  ) {
    self.limits = limits
    self.keepaliveTime = keepaliveTime
    self.owner = owner
    endpoint = owner.endpoint
    let settings = HTTP2Settings(headerListBytesMax: UInt32(limits.headerListBytesMax))
    // A server opens no streams: nghttp2 refuses them, since we allow no push.
    super.init(
      session: HTTP2Session(.client, settings: settings), loop: loop, logger: logger)
  }

  var openStreams: Int { session.openStreamCount }

  override func didBecomeActive() { setNeedsFlush() }

  override func handle(_ event: HTTP2Event) {
    switch event {
    case .head(let stream, let fields, let isLast):
      own(stream).receiveHead(fields, isLast: isLast)
    case .oversizedHead(let stream):
      own(stream).fail(RPCError(.internal, "the response's headers are over the limit"))
    case .data(let stream, let bytes): own(stream).receive(data: bytes)
    case .end(let stream): own(stream).receiveEnd()
    case .trailers(let stream, let fields): own(stream).receiveTrailers(fields)
    case .drained(let stream): own(stream).writers.resumeAll()
    case .closed(let stream): own(stream).didClose()
    case .goAway(_, let code, let debugData): goAwayReceived(code, debugData)
    case .controlFrame: settingsReceived()
    case .overhead:
      if !overhead.take(now: loop.now) { leave("it sends too much that brings nothing") }
    case .ping, .pong: break
    }
  }

  /// All streams of this session are submitted as ClientStreams.
  private func own(_ stream: HTTP2Stream) -> ClientStream {
    unsafeDowncast(stream, to: ClientStream.self)
  }

  private func settingsReceived() {
    guard !isReady else { return }
    isReady = true
    keepalive = ClientKeepalive(limits, time: keepaliveTime, now: loop.now)
    keepAlive()
    owner?.becameReady(self)
  }

  private func goAwayReceived(_ code: HTTP2ErrorCode, _ debugData: String) {
    if code == .enhanceYourCalm, debugData == "too_many_pings" { owner?.pingedTooMuch() }
    stopTaking()
  }

  // MARK: Keepalive

  private func keepAlive() {
    let verdict = keepalive?.look(
      bytesReceived: session.bytesReceived, hasCalls: openStreams > 0, now: loop.now)
    switch verdict {
    case nil: break
    case .lookAgain(let delay): keepAlive(in: delay)
    case .ping(let delay):
      session.ping()
      setNeedsFlush()
      keepAlive(in: delay)
    case .cut:
      fault = "the server does not answer a PING"
      logger.info("the server does not answer a PING", metadata: ["server": "\(endpoint)"])
      close()
    }
  }

  private func keepAlive(in delay: TimeAmount) {
    keepaliveTimer = loop.scheduleTask(in: delay) { self.keepAlive() }
  }

  // MARK: End

  override func didClose() {
    keepaliveTimer?.cancel()
    stopTaking()
  }

  override func didFail(_ error: HTTP2Error, input: UnsafeRawBufferPointer) {
    fault = "\(error)"
    logger.info("the server broke HTTP/2", metadata: ["peer": "\(peer)", "error": "\(error)"])
  }

  /// The server costs more than it brings.
  private func leave(_ reason: String) {
    guard isActive, !isTerminated else { return }
    fault = reason
    logger.notice("left a server", metadata: ["server": "\(endpoint)", "reason": "\(reason)"])
    terminate(.enhanceYourCalm, debugData: "")
  }

  /// Lets open calls end, then closes.
  func endGracefully() {
    guard !isEnding else { return }
    isEnding = true
    stopTaking()
    session.goAway(.noError)
    setNeedsFlush()
  }

  private func stopTaking() {
    guard !isClosing else { return }
    isClosing = true
    owner?.stoppedTaking(self)
  }
}
