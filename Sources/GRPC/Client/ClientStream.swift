import HTTP2
import NIOCore

/// A call on the client: it acts on what ``ClientCallState`` decides.
///
/// A call that no server has looked at is made again where there is one (gRFC A6, transparent
/// retries): the caller does not learn of it.
final class ClientStream: CallStream, @unchecked Sendable {
  private var state = ClientCallState()
  let channel: ClientChannel
  private let request: ClientRequest

  /// On a connection, from its start to its close.
  private var isStarted = false

  private var isWaiting = false
  private var waitTimer: Scheduled<Void>?
  private var retries = 0
  private var wasRefused = false

  init(_ request: ClientRequest, on channel: ClientChannel) {
    self.request = request
    self.channel = channel
    super.init(
      loop: channel.loop, messageBytesMax: channel.configuration.limits.messageBytesMax)
    writeRequest()
  }

  /// From the response's header section, once it is there.
  private(set) var initialMetadata: Metadata = [:]

  /// From the trailers of a call that ended with OK; those of others are in the error.
  private(set) var trailingMetadata: Metadata = [:]

  var isFinished: Bool { state.isFinished }
  var waitsForReady: Bool { request.waitsForReady }

  // MARK: Getting a connection

  func beginWaiting() {
    isWaiting = true
    guard deadline != .distantFuture, waitTimer == nil else { return }
    waitTimer = loop.scheduleTask(deadline: deadline) { self.expire() }
  }

  func endWaiting() { isWaiting = false }

  /// Opens the stream; false if the connection takes no more.
  func start(on connection: ClientConnection) -> Bool {
    guard deadline > loop.now else {
      expire()
      return true
    }
    let timeout = deadline == .distantFuture ? nil : deadline - loop.now
    let head = request.head(
      for: connection.endpoint, channel.configuration, timeout: timeout)
    do throws(HTTP2Error) {
      try connection.session.submitRequest(head, on: self, hasBody: true)
    } catch {
      reopen()
      return false
    }
    self.connection = connection
    isStarted = true
    stopWaitTimer()
    connection.watchDeadline(of: self)
    connection.setNeedsFlush()
    return true
  }

  private func stopWaitTimer() {
    waitTimer?.cancel()
    waitTimer = nil
  }

  /// Has the call made again if the server cannot have acted on it: its head was never sent, or it
  /// was refused, which may happen once more elsewhere but not for ever.
  private func retry() -> Bool {
    guard state.isAwaitingHead, retries < Limits.transparentRetriesMax else { return false }
    if isRequestSent {
      guard closed == .refusedStream, !wasRefused, request.message != nil else { return false }
      wasRefused = true
      body = OutboundBody()
      writeRequest()
    }
    retries += 1
    isStarted = false
    reopen()
    // In the next turn, when its connection has learnt what is the matter with it.
    loop.execute { self.channel.place(self) }
    return true
  }

  // MARK: Requests

  private func writeRequest() {
    guard let message = request.message else { return }
    MessageFraming.append(message, request.encoding, to: &body)
    body.finish()
  }

  override func enqueue(_ message: ByteBuffer) throws(RPCError) {
    guard !state.isFinished, !body.isFinished, closed == nil else {
      throw RPCError(.cancelled, "the call takes no more messages")
    }
    MessageFraming.append(message, request.encoding, to: &body)
    sendBody()
  }

  /// The client's side is complete.
  func finishRequests() {
    guard !state.isFinished, !body.isFinished, closed == nil else { return }
    body.finish()
    sendBody()
  }

  private func sendBody() {
    // Before the connection is there, the body waits; its writer is held at the same mark.
    guard isStarted else { return }
    connection.session.resume(self)
    connection.setNeedsFlush()
  }

  // MARK: Responses

  func receiveHead(_ fields: HeaderBlock, isLast: Bool) {
    initialMetadata = Metadata(fields)
    perform(state.receiveHead(fields, isLast: isLast))
    deframer.encoding = state.encoding
  }

  override func receive(_ message: ReceivedMessage) { perform(state.receive(message)) }

  func receiveTrailers(_ fields: HeaderBlock) {
    trailingMetadata = Metadata(fields)
    perform(state.receiveTrailers(fields, isAtBoundary: deframer.isAtBoundary))
  }

  func receiveEnd() { perform(state.receiveEnd()) }

  override func expire() {
    fail(RPCError(.deadlineExceeded, "the call took longer than its timeout"))
  }

  func cancel() { fail(RPCError(.cancelled, "the call was cancelled")) }

  override func fail(_ error: RPCError) { perform(state.finish(error)) }

  override func didClose() {
    guard !retry() else { return }
    let loss = connection.isActive ? nil : (connection as? ClientConnection)?.loss
    perform(state.close(closed ?? .cancel, loss: loss))
    writers.resumeAll()
  }

  private func perform(_ action: ClientCallState.Action) {
    switch action {
    case .nothing: break
    case .deliver(let message): deliver(message)
    case .finish(let error): finish(error)
    }
  }

  /// The outcome is known. A server that has more to say, or wants to hear more, is told to stop.
  private func finish(_ error: RPCError?) {
    deadline = .distantFuture
    stopWaitTimer()
    if isWaiting { channel.waitingCallEnded() }
    deframer.stop()
    endInbound(error)
    writers.resumeAll()
    guard isStarted, closed == nil, !isRemoteEnded || !body.isFinished else { return }
    connection.session.reset(self, isRemoteEnded ? .noError : .cancel)
    connection.setNeedsFlush()
  }
}
