import HTTP2
import Logging
import NIOCore

/// The client's end of a connection.
final class ClientConnection: Connection, @unchecked Sendable {
  /// No new call may be put on it: the server is going away, or it is closed.
  private(set) var isClosing = false

  private let onClosing: (ClientConnection) -> Void

  /// - Parameter onClosing: called once, on the loop, when no new call may use the connection.
  init(
    limits: ClientLimits, loop: any EventLoop, logger: Logger,
    onClosing: @escaping (ClientConnection) -> Void
  ) {
    self.onClosing = onClosing
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
    case .goAway: stopUsing()
    case .controlFrame, .ping, .pong, .overhead: break
    }
  }

  /// All streams of this session are submitted as ClientStreams.
  private func own(_ stream: HTTP2Stream) -> ClientStream {
    unsafeDowncast(stream, to: ClientStream.self)
  }

  override func didClose() { stopUsing() }

  override func didFail(_ error: HTTP2Error, input: UnsafeRawBufferPointer) {
    logger.info("the server broke HTTP/2", metadata: ["peer": "\(peer)", "error": "\(error)"])
  }

  /// Lets open calls end, then closes.
  func endGracefully() {
    stopUsing()
    session.goAway(.noError)
    setNeedsFlush()
  }

  private func stopUsing() {
    guard !isClosing else { return }
    isClosing = true
    onClosing(self)
  }
}
