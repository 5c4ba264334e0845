import HTTP2
import NIOCore

/// A call on the client: it acts on what ``ClientCallState`` decides.
final class ClientStream: CallStream, @unchecked Sendable {
  private var state = ClientCallState()
  private var isStarted = false

  /// Of the requests, as their head says; set before the first.
  private let encoding: MessageEncoding

  init(loop: any EventLoop, messageBytesMax: Int, encoding: MessageEncoding) {
    self.encoding = encoding
    super.init(loop: loop, messageBytesMax: messageBytesMax)
  }

  /// From the response's header section, once it is there.
  private(set) var initialMetadata: Metadata = [:]

  /// From the trailers of a call that ended with OK; those of others are in the error.
  private(set) var trailingMetadata: Metadata = [:]

  // MARK: Requests

  /// Opens the stream. `message` is the only request if given; otherwise they follow.
  func start(_ head: HeaderBlock, message: ByteBuffer?, on connection: ClientConnection) {
    self.connection = connection
    guard !state.isFinished else { return }
    if let message {
      MessageFraming.append(message, encoding, to: &body)
      body.finish()
    }
    do throws(HTTP2Error) {
      try connection.session.submitRequest(head, on: self, hasBody: true)
      isStarted = true
      connection.watchDeadline(of: self)
      connection.setNeedsFlush()
    } catch {
      fail(RPCError(.unavailable, "the connection takes no more calls"))
    }
  }

  override func enqueue(_ message: ByteBuffer) throws(RPCError) {
    guard !state.isFinished, !body.isFinished, closed == nil else {
      throw RPCError(.cancelled, "the call takes no more messages")
    }
    MessageFraming.append(message, encoding, to: &body)
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
    let isLost = !connection.isActive
    perform(state.close(closed ?? .cancel, isConnectionLost: isLost))
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
    deframer.stop()
    endInbound(error)
    writers.resumeAll()
    guard isStarted, closed == nil, !isRemoteEnded || !body.isFinished else { return }
    connection.session.reset(self, isRemoteEnded ? .noError : .cancel)
    connection.setNeedsFlush()
  }
}
