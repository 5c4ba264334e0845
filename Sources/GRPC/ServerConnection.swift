import HTTP2
import Logging
import NIOCore

/// The server's end of a connection: routes calls to handlers, and ends connections that cost more
/// than they bring.
final class ServerConnection: Connection, @unchecked Sendable {
  let executor: EventLoopExecutor
  private let router: Router
  let limits: ServerLimits
  private let onFinished: @Sendable (ServerConnection) -> Void

  /// Handlers that run, those of closed streams included: a cancelled one may take its time.
  @exclusivity(unchecked) private(set) var runningHandlers = 0

  /// Bytes of request messages that its calls hold.
  @exclusivity(unchecked) var heldBytes = 0
  @exclusivity(unchecked) var memory: ConnectionMemory

  /// Who the client is by its certificate; nil without mutual TLS.
  private(set) var peerIdentity: PeerIdentity?

  private var hasShakenHands = false
  private var drain = Drain.no
  @exclusivity(unchecked) private var conduct: PeerConduct
  private var watch: ConnectionWatch
  private var watchTask: RepeatedTask?
  private var drainTimer: Scheduled<Void>?
  @exclusivity(unchecked) private var activeSince = NIODeadline.distantPast
  @exclusivity(unchecked) private var isDone = false

  /// The connection's graceful end (RFC 9113 section 6.8).
  private enum Drain { case no, announced, final }

  init(
    router: Router, limits: ServerLimits, memory: CallMemory, loop: any EventLoop,
    executor: EventLoopExecutor, logger: Logger,
    onFinished: @escaping @Sendable (ServerConnection) -> Void
  ) {
    self.executor = executor
    self.router = router
    self.limits = limits
    self.onFinished = onFinished
    self.memory = ConnectionMemory(memory)
    conduct = PeerConduct(limits)
    watch = ConnectionWatch(limits, jitter: 0, now: loop.now)
    let settings = HTTP2Settings(
      concurrentStreamsMax: UInt32(limits.concurrentStreamsMax),
      headerListBytesMax: UInt32(limits.headerListBytesMax))
    let messageBytesMax = limits.messageBytesMax
    let session = HTTP2Session(.server, settings: settings) {
      ServerStream(loop: loop, messageBytesMax: messageBytesMax)
    }
    super.init(session: session, loop: loop, logger: logger)
  }

  var openStreams: Int { session.openStreamCount }

  // MARK: Events

  override func handle(_ event: HTTP2Event) {
    switch event {
    case .head(let stream, let fields, let isLast): begin(own(stream), fields, isLast)
    case .oversizedHead(let stream):
      adopt(own(stream))
      own(stream).refuseOversizedSection()
    case .data(let stream, let bytes): own(stream).receive(data: bytes)
    case .end(let stream), .trailers(let stream, _): own(stream).receiveEnd()
    case .drained(let stream): own(stream).writers.resumeAll()
    case .closed(let stream): streamClosed(own(stream))
    case .controlFrame:
      hasShakenHands = true
      judge(
        conduct.settingsReceived(messageFramesSent: session.messageFramesSent, now: loop.now))
    case .ping:
      judge(
        conduct.pingReceived(
          hasStreams: openStreams > 0, messageFramesSent: session.messageFramesSent, now: loop.now))
    case .overhead: judge(conduct.overheadSpent(now: loop.now))
    case .pong: finishDrain()
    case .goAway: break
    }
  }

  /// All streams of this session are made by the closure given to it above.
  private func own(_ stream: HTTP2Stream) -> ServerStream {
    unsafeDowncast(stream, to: ServerStream.self)
  }

  private func adopt(_ stream: ServerStream) { stream.connection = self }

  private func begin(_ stream: ServerStream, _ fields: HeaderBlock, _ isLast: Bool) {
    adopt(stream)
    // Reset in the same read: no handler needs to start.
    guard stream.closed == nil else { return }
    guard runningHandlers < 2 * limits.concurrentStreamsMax else {
      return session.reset(stream, .refusedStream)
    }
    memoryChanged()
    if let error = refusal(ofHolding: 0) { return stream.fail(error) }
    do throws(RequestHead.Refusal) {
      let head = try RequestHead(fields)
      guard let method = fields.withValue(of: head.path, router.method(at:)) else {
        let path = fields.withValue(of: head.path) { String(decoding: $0, as: UTF8.self) }
        throw .malformed(RPCError(.unimplemented, "unknown method \(path)"))
      }
      stream.begin(head, method)
      if isLast { stream.receiveEnd() }
    } catch {
      refuse(stream, error)
    }
  }

  private func refuse(_ stream: ServerStream, _ refusal: RequestHead.Refusal) {
    switch refusal {
    case .notPOST: stream.refuse(HTTPRefusal.notPOST)
    case .notGRPC: stream.refuse(HTTPRefusal.notGRPC)
    case .encoding(let name): stream.refuse(ResponseFields.unsupportedEncoding(name))
    case .malformed(let error): stream.fail(error)
    }
  }

  private func streamClosed(_ stream: ServerStream) {
    // A stream that closed before its head was complete has no connection yet.
    adopt(stream)
    stream.didClose()
    activeSince = loop.now
    judgeResets(now: activeSince)
  }

  // MARK: Handlers

  func handlerStarted() { runningHandlers += 1 }

  func handlerEnded() {
    runningHandlers -= 1
    finishIfDone()
  }

  func logUnforeseen(_ error: any Error, in stream: ServerStream) {
    let path = ServerCall(stream: stream).path
    logger.error("a handler failed", metadata: ["method": "\(path)", "error": "\(error)"])
  }

  // MARK: Life

  /// TLS is there, or it will not be: the channel closes by itself then.
  func handshakeEnded(_ result: Result<PeerIdentity?, any Error>) {
    switch result {
    case .success(let identity): peerIdentity = identity
    case .failure(let error):
      logger.info("no TLS with a client", metadata: ["peer": "\(peer)", "reason": "\(error)"])
    }
  }

  override func didBecomeActive() {
    activeSince = loop.now
    watch = ConnectionWatch(limits, jitter: .random(in: -1...1), now: loop.now)
    watchTask = loop.scheduleRepeatedTask(
      initialDelay: Limits.watchInterval, delay: Limits.watchInterval
    ) { _ in self.look() }
  }

  override func didSend() { memoryChanged() }

  override func didClose() {
    watchTask?.cancel()
    drainTimer?.cancel()
    memory.release()
    isDone = true
    finishIfDone()
  }

  private func finishIfDone() {
    if isDone, runningHandlers == 0 { onFinished(self) }
  }

  /// Ends the connection gracefully: no new streams, open ones go on, then it closes.
  func beginDrain() {
    guard drain == .no, isActive else { return }
    drain = .announced
    session.announceShutdown()
    session.ping()
    setNeedsFlush()
    drainTimer = loop.scheduleTask(in: Limits.shutdownNotice) { self.finishDrain() }
  }

  /// The client has seen the notice, or had time to: its last stream is known now.
  private func finishDrain() {
    guard drain == .announced, isActive else { return }
    drain = .final
    session.goAway(.noError)
    setNeedsFlush()
  }

  // MARK: Abuse

  private func look() {
    let now = loop.now
    judgeResets(now: now)
    memoryChanged()
    let sight = ConnectionWatch.Sight(
      hasShakenHands: hasShakenHands, hasUnfinishedHeaders: session.hasUnfinishedHeaders,
      isInsideFrame: session.isInsideFrame, framesBegun: session.framesBegun,
      bytesReceived: session.bytesReceived, openStreams: session.openStreamCount,
      outboundBytes: session.outboundBytes, framesSent: session.messageFramesSent,
      isMemoryShort: memory.isShort, fullSince: fullSince, activeSince: activeSince)
    if sight.openStreams == 0 { releaseOutputMemory() }
    session.forEachOpenStream { own($0).checkProgress(now: now) }
    switch watch.look(sight, now: now) {
    case .goOn: break
    case .ping:
      session.ping()
      setNeedsFlush()
    case .drain: beginDrain()
    case .cut(let reason): expire(reason)
    }
  }

  private func judgeResets(now: NIODeadline) {
    judge(
      conduct.streamsReset(
        sent: session.resetsSent, received: session.resetsReceived, now: now))
  }

  private func expire(_ reason: String) {
    logger.info("closed a connection", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    close()
  }

  private func judge(_ offence: PeerConduct.Offence?) {
    guard let offence, isActive, !isTerminated else { return }
    logger.notice(
      "cut off a connection", metadata: ["peer": "\(peer)", "reason": "\(offence.reason)"])
    terminate(.enhanceYourCalm, debugData: offence.debugData)
  }

  override func didFail(_ error: HTTP2Error, input: UnsafeRawBufferPointer) {
    logger.info(
      "closed a connection", metadata: ["peer": "\(peer)", "reason": "\(error)"])
    guard error.fault == .notHTTP2, prefaceBytes == 0, HTTP1.isRequest(input), let context
    else { return }
    let answer = ByteBuffer(bytes: HTTPRefusal.http1.bytes)
    context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
  }
}
