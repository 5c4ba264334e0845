import HTTP2
import NIOCore

/// A call on the server: it acts on what ``ServerCallState`` decides.
final class ServerStream: CallStream, @unchecked Sendable {
  /// Nil until the head was accepted; not changed after.
  @exclusivity(unchecked) private(set) var head: RequestHead?
  @exclusivity(unchecked) private(set) var callDeadline: NIODeadline?
  @exclusivity(unchecked) private var method: Router.Method?
  @exclusivity(unchecked) private var state = ServerCallState(.one)

  @exclusivity(unchecked) var initialMetadata: Metadata = [:]
  @exclusivity(unchecked) var trailingMetadata: Metadata = [:]

  /// What responses shall be compressed with if the client takes it, and what the head says.
  @exclusivity(unchecked) var wantedEncoding = MessageEncoding.identity
  @exclusivity(unchecked) private var encoding = MessageEncoding.identity
  @exclusivity(unchecked) private var isHeadSent = false

  @exclusivity(unchecked) private var progress = RequestProgress()

  /// What the connection knows of the bytes that this call holds.
  @exclusivity(unchecked) private var accountedBytes = 0

  /// The handler's task while it is suspended.
  @exclusivity(unchecked) private var task: Task<Void, Never>?
  @exclusivity(unchecked) private var isHandlerDone = false

  var server: ServerConnection { unsafeDowncast(connection, to: ServerConnection.self) }

  // MARK: Requests

  /// The call is one that we serve.
  func begin(_ head: RequestHead, _ method: Router.Method) {
    self.head = head
    self.method = method
    deframer.encoding = head.encoding
    wantedEncoding = server.limits.responseEncoding
    state = ServerCallState(method.requests)
    if let timeout = head.timeout {
      guard timeout.nanoseconds > 0 else { return expire() }
      let deadline = loop.now + timeout
      callDeadline = deadline
      self.deadline = deadline
      connection.watchDeadline(of: self)
    }
    perform(state.begin())
  }

  override func receive(_ message: ReceivedMessage) {
    progress.messageArrived()
    perform(state.receive(message))
  }

  func receiveEnd() {
    perform(state.receiveEnd(isAtBoundary: deframer.isAtBoundary))
    heldBytesChanged()
  }

  override func heldBytesChanged() {
    let bytes = deframer.heldBytes + inbound.waitingBytes + state.heldBytes
    guard bytes != accountedBytes else { return }
    let isMore = bytes > accountedBytes
    server.heldBytes += bytes - accountedBytes
    accountedBytes = bytes
    server.memoryChanged()
    guard isMore, let error = server.refusal(ofHolding: 0) else { return }
    abandonInbound(RPCError(.cancelled, "the call is over"))
    fail(error)
    // It holds nothing any more; one level deep, since that is not more.
    heldBytesChanged()
  }

  /// To be called about once a second.
  func checkProgress(now: NIODeadline) {
    // One whose head is not complete has no connection yet.
    guard head != nil, state.canRespond else { return }
    let isAwaited = state.isAwaitingMessage || !deframer.isAtBoundary && !inbound.isHolding
    let limits = server.limits
    guard
      progress.isTooSlow(isAwaited: isAwaited, bytes: deframer.heldBytes, limits, now: now)
    else { return }
    let error = RPCError(
      .deadlineExceeded,
      """
      the request message, of which \(deframer.heldBytes) bytes came, brings less than \
      \(limits.messageBytesPerSecondMin) bytes a second
      """)
    abandonInbound(error)
    fail(error)
    heldBytesChanged()
  }

  private func perform(_ action: ServerCallState.Action) {
    switch action {
    case .nothing: break
    case .start(let message): start(message)
    case .deliver(let message): deliver(message)
    case .endRequests: endInbound(nil)
    case .fail(let error): fail(error)
    }
  }

  override func expire() {
    let error = RPCError(.deadlineExceeded, "the deadline passed before the call was done")
    guard isHeadSent else { return fail(error) }
    guard state.finish() else { return }
    // The status must not wait for a client that has stopped reading.
    connection.session.cutShort(
      self, with: ResponseFields.trailers(for: error, with: trailingMetadata))
    endCall()
  }

  override func didClose() {
    state.close()
    deframer.stop()
    abandonInbound(RPCError(.cancelled, "the client went away"))
    writers.resumeAll()
    cancelHandler()
    heldBytesChanged()
  }

  // MARK: The handler

  private func start(_ received: ReceivedMessage?) {
    guard closed == nil, let method else { return }
    let message: ByteBuffer?
    do throws(RPCError) {
      if let received, received.encoding != .identity { compressedMessages += 1 }
      message = try received?.inflated(bytesMax: deframer.messageBytesMax)
    } catch {
      return fail(error)
    }
    server.handlerStarted()
    let task = Task.immediate(executorPreference: server.executor) {
      await self.run(method, message)
    }
    if !isHandlerDone { self.task = task }
  }

  private func run(_ method: Router.Method, _ message: ByteBuffer?) async {
    let call = ServerCall(stream: self)
    let writer = ResponseWriter(stream: self)
    let requests = RequestStream(stream: self)
    var reply: ByteBuffer?
    var failure: (any Error)?
    do {
      switch method {
      case .unary(let body): reply = try await body(call, message!)
      case .serverStreaming(let body): try await body(call, message!, writer)
      case .clientStreaming(let body): reply = try await body(call, requests)
      case .bidirectional(let body): try await body(call, requests, writer)
      }
    } catch {
      failure = error
    }
    if loop.inEventLoop {
      handlerEnded(reply, failure)
    } else {
      // Only if the handler left its task's executor for good; the runtime brings it back.
      let (reply, failure) = (reply, failure)
      loop.execute { self.handlerEnded(reply, failure) }
    }
  }

  private func handlerEnded(_ reply: ByteBuffer?, _ failure: (any Error)?) {
    isHandlerDone = true
    task = nil
    if let failure {
      let (status, isUnforeseen) = RPCError.status(for: failure)
      if isUnforeseen { server.logUnforeseen(failure, in: self) }
      fail(status)
    } else {
      succeed(reply)
    }
    server.handlerEnded()
  }

  private func cancelHandler() {
    task?.cancel()
    task = nil
  }

  // MARK: Responses

  override func enqueue(_ message: ByteBuffer) throws(RPCError) {
    guard state.canRespond else { throw RPCError(.cancelled, "the call is over") }
    if let error = server.refusal(ofHolding: message.readableBytes) {
      fail(error)
      throw error
    }
    sendHead()
    MessageFraming.append(message, wantedEncoding == encoding ? encoding : .identity, to: &body)
    connection.session.resume(self)
    connection.setNeedsFlush()
    server.memoryChanged()
  }

  /// The status is OK, after `reply` if there is one.
  private func succeed(_ reply: ByteBuffer?) {
    if let reply, let error = server.refusal(ofHolding: reply.readableBytes) { return fail(error) }
    guard state.finish() else { return }
    sendHead()
    if let reply {
      MessageFraming.append(reply, wantedEncoding == encoding ? encoding : .identity, to: &body)
    }
    body.finish(
      trailers: trailingMetadata.isEmpty
        ? ResponseFields.okTrailers : ResponseFields.okTrailers(with: trailingMetadata))
    endCall()
  }

  override func fail(_ error: RPCError) {
    guard state.finish() else { return }
    if isHeadSent {
      body.finish(trailers: ResponseFields.trailers(for: error, with: trailingMetadata))
      endCall()
    } else {
      end(with: ResponseFields.trailersOnly(for: error, with: trailingMetadata))
    }
  }

  /// Answers a request that is not served with a single header section.
  func refuse(_ fields: HeaderBlock) {
    if state.finish() { end(with: fields) }
  }

  private func end(with fields: HeaderBlock) {
    isHeadSent = true
    connection.session.submitResponse(fields, on: self, hasBody: false)
    endCall()
  }

  /// Answers as plain HTTP, without a text where none is allowed or needed.
  func refuse(_ refusal: HTTPRefusal) {
    guard let text = refusal.text else { return refuse(refusal.fields) }
    guard state.finish() else { return }
    isHeadSent = true
    body.append(text.bytes)
    body.finish()
    connection.session.submitResponse(refusal.fields, on: self, hasBody: true)
    endCall()
  }

  /// The request's headers are over the limit, or its trailers, whatever the call has come to.
  func refuseOversizedSection() {
    guard head != nil else { return refuse(HTTPRefusal.oversizedHead) }
    fail(RPCError(.resourceExhausted, "the request's trailers are over the limit"))
  }

  private func sendHead() {
    guard !isHeadSent else { return }
    isHeadSent = true
    if wantedEncoding != .identity, let head, wantedEncoding.isAccepted(by: head.fields) {
      encoding = wantedEncoding
    }
    let isPlain = initialMetadata.isEmpty && encoding == .identity
    let fields =
      isPlain ? ResponseFields.head : ResponseFields.head(with: initialMetadata, encoding)
    connection.session.submitResponse(fields, on: self, hasBody: true)
  }

  private func endCall() {
    deadline = .distantFuture
    deframer.stop()
    heldBytesChanged()
    connection.session.resume(self)
    connection.setNeedsFlush()
    server.memoryChanged()
    if !isHandlerDone {
      abandonInbound(RPCError(.cancelled, "the call is over"))
      writers.resumeAll()
      cancelHandler()
    }
  }
}
