import HTTP2
package import Logging
package import NIOCore

/// A gRPC client of one server. It connects on the first call and again after a loss; a call that
/// was open then fails with UNAVAILABLE, and whether to try it again is the caller's business.
///
/// Every call throws ``RPCError``. Cancelling the task that waits for a call resets its stream.
package final class GRPCClient: Sendable {
  package struct Configuration: Sendable {
    package var endpoint: Endpoint
    package var limits = ClientLimits()
    package var userAgent = "dispatch-event-gateway"

    /// Nil connects in plaintext.
    package var tls: ClientTLS?

    package init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    package init(host: String, port: Int) { self.init(.tcp(host: host, port: port)) }
  }

  private let configuration: Configuration
  private let connector: ClientConnector

  package init(
    _ configuration: Configuration, group: any EventLoopGroup,
    logger: Logger = Logger(label: "grpc-client")
  ) {
    self.configuration = configuration
    connector = ClientConnector(configuration, loop: group.any(), logger: logger)
  }

  package convenience init(host: String, port: Int, group: any EventLoopGroup) {
    self.init(Configuration(host: host, port: port), group: group)
  }

  // MARK: The four kinds of calls

  /// - Parameters:
  ///   - timeout: until the status must be there, connecting included; sent to the server as its
  ///     deadline. Nil waits as long as it takes.
  ///   - encoding: of the requests; nil takes ``ClientLimits/requestEncoding``.
  package func unary(
    _ path: String, _ message: ByteBuffer, metadata: Metadata = [:], timeout: TimeAmount? = nil,
    encoding: MessageEncoding? = nil
  ) async throws(RPCError) -> ByteBuffer {
    let call = start(path, message, metadata, timeout, encoding)
    return try await ResponseStream(call).single()
  }

  /// Returns at once; errors come out of the sequence.
  package func serverStreaming(
    _ path: String, _ message: ByteBuffer, metadata: Metadata = [:], timeout: TimeAmount? = nil,
    encoding: MessageEncoding? = nil
  ) -> ResponseStream {
    ResponseStream(start(path, message, metadata, timeout, encoding))
  }

  /// Sends what `requests` writes, and then ends the request side.
  package func clientStreaming(
    _ path: String, metadata: Metadata = [:], timeout: TimeAmount? = nil,
    encoding: MessageEncoding? = nil, _ requests: (RequestWriter) async throws -> Void
  ) async throws -> ByteBuffer {
    let call = start(path, nil, metadata, timeout, encoding)
    let responses = ResponseStream(call)
    do {
      try await requests(RequestWriter(stream: call))
    } catch {
      guard Self.isEndOfCall(error) else {
        responses.cancel()
        throw error
      }
    }
    // What a cancelled task has written may not be all: it must not count as complete.
    if Task.isCancelled { responses.cancel() } else { RequestWriter(stream: call).finish() }
    return try await responses.single()
  }

  /// The server ended the call before it had all requests: its status says why.
  private static func isEndOfCall(_ error: any Error) -> Bool {
    (error as? RPCError)?.code == .cancelled
  }

  /// Both sides at once. Call ``RequestWriter/finish()`` after the last request; letting go of the
  /// responses before their end cancels the call.
  package func bidirectional(
    _ path: String, metadata: Metadata = [:], timeout: TimeAmount? = nil,
    encoding: MessageEncoding? = nil
  ) -> (requests: RequestWriter, responses: ResponseStream) {
    let call = start(path, nil, metadata, timeout, encoding)
    return (RequestWriter(stream: call), ResponseStream(call))
  }

  /// Lets open calls end for `timeout` at most, then cuts them. No call can be made afterwards.
  package func close(timeout: TimeAmount = .seconds(0)) async {
    let connector = connector
    let loop = connector.loop
    let graceful = loop.flatSubmit { connector.shutDown(isImmediate: timeout <= .zero) }
    let cut = loop.scheduleTask(in: timeout) { _ = connector.shutDown(isImmediate: true) }
    try? await graceful.get()
    cut.cancel()
  }

  /// Calls that are open, for tests and metrics.
  package var openStreams: Int {
    get async { (try? await connector.loop.submit { self.connector.openStreams }.get()) ?? 0 }
  }

  // MARK: Starting a call

  private func start(
    _ path: String, _ message: ByteBuffer?, _ metadata: Metadata, _ timeout: TimeAmount?,
    _ encoding: MessageEncoding?
  ) -> ClientStream {
    let encoding = encoding ?? configuration.limits.requestEncoding
    let stream = ClientStream(
      loop: connector.loop, messageBytesMax: configuration.limits.messageBytesMax,
      encoding: encoding)
    let head = requestHead(path, metadata, timeout, encoding)
    stream.onLoop { self.connect(stream, head, message, timeout) }
    return stream
  }

  private func connect(
    _ stream: ClientStream, _ head: HeaderBlock, _ message: ByteBuffer?, _ timeout: TimeAmount?
  ) {
    guard connector.calls < configuration.limits.concurrentCallsMax else {
      return stream.fail(RPCError(.resourceExhausted, "the client has too many calls open"))
    }
    var timer: Scheduled<Void>?
    if let timeout {
      stream.deadline = connector.loop.now + timeout
      // Covers the time to connect; after that the connection watches the deadline.
      timer = connector.loop.scheduleTask(in: timeout) { stream.expire() }
    }
    connector.connect { [timer] result in
      timer?.cancel()
      switch result {
      case .success(let connection): stream.start(head, message: message, on: connection)
      case .failure(let error): stream.fail(error)
      }
    }
  }

  private func requestHead(
    _ path: String, _ metadata: Metadata, _ timeout: TimeAmount?, _ encoding: MessageEncoding
  ) -> HeaderBlock {
    let scheme: StaticString = configuration.tls == nil ? "http" : "https"
    var head = HeaderBlock([(":method", "POST"), (":scheme", scheme)])
    head.append(":path", path)
    head.append(":authority", configuration.endpoint.authority)
    head.append("te", "trailers")
    head.append("content-type", "application/grpc")
    head.append("grpc-accept-encoding", MessageEncoding.acceptedNames)
    if encoding != .identity { head.append("grpc-encoding", encoding.name) }
    if let timeout { head.append("grpc-timeout", Timeout.encode(timeout)) }
    head.append("user-agent", configuration.userAgent)
    metadata.write(to: &head)
    return head
  }
}
