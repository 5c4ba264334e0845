import HTTP2
package import Logging
package import NIOCore

/// A gRPC client of one service, at one address or several. It connects on the first call, and
/// again after a loss with exponential backoff (doc/connection-backoff.md). A call that was open
/// then fails with UNAVAILABLE, and whether to try it again is the caller's business; one that no
/// server has looked at is made again without a word (gRFC A6).
///
/// Every call throws ``RPCError``. Cancelling the task that waits for a call resets its stream.
package final class GRPCClient: Sendable {
  /// How calls are spread over several addresses.
  package enum Balancing: Sendable {
    /// All on the first that can be had, in the order given.
    case pickFirst

    /// In turn over all that can be had.
    case roundRobin
  }

  package struct Configuration: Sendable {
    /// One or more. A name with several IP addresses counts as one: the first that answers is used.
    package var endpoints: [Endpoint]
    package var balancing = Balancing.pickFirst
    package var limits = ClientLimits()
    package var userAgent = "dispatch-event-gateway"

    /// Nil connects in plaintext.
    package var tls: ClientTLS?

    package init(endpoints: [Endpoint]) {
      precondition(!endpoints.isEmpty, "a client needs an address")
      self.endpoints = endpoints
    }

    package init(_ endpoint: Endpoint) { self.init(endpoints: [endpoint]) }

    package init(host: String, port: Int) { self.init(.tcp(host: host, port: port)) }
  }

  private let configuration: Configuration
  private let channel: ClientChannel

  package init(
    _ configuration: Configuration, group: any EventLoopGroup,
    logger: Logger = Logger(label: "grpc-client")
  ) {
    self.configuration = configuration
    channel = ClientChannel(configuration, loop: group.any(), logger: logger)
  }

  package convenience init(host: String, port: Int, group: any EventLoopGroup) {
    self.init(Configuration(host: host, port: port), group: group)
  }

  /// Where its responses arrive: a task that prefers it reads them without a hop for each.
  package var executor: any TaskExecutor { EventLoopExecutor.of(channel.loop) }

  // MARK: The four kinds of calls

  package func unary(
    _ path: String, _ message: ByteBuffer, metadata: Metadata = [:], options: CallOptions = .init()
  ) async throws(RPCError) -> ByteBuffer {
    let call = start(path, message, metadata, options)
    return try await ResponseStream(call).single()
  }

  /// Returns at once; errors come out of the sequence.
  package func serverStreaming(
    _ path: String, _ message: ByteBuffer, metadata: Metadata = [:], options: CallOptions = .init()
  ) -> ResponseStream {
    ResponseStream(start(path, message, metadata, options))
  }

  /// Sends what `requests` writes, and then ends the request side.
  package func clientStreaming(
    _ path: String, metadata: Metadata = [:], options: CallOptions = .init(),
    _ requests: (RequestWriter) async throws -> Void
  ) async throws -> ByteBuffer {
    let call = start(path, nil, metadata, options)
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
    _ path: String, metadata: Metadata = [:], options: CallOptions = .init()
  ) -> (requests: RequestWriter, responses: ResponseStream) {
    let call = start(path, nil, metadata, options)
    return (RequestWriter(stream: call), ResponseStream(call))
  }

  /// Lets open calls end for `timeout` at most, then cuts them. No call can be made afterwards.
  package func close(timeout: TimeAmount = .seconds(0)) async {
    let channel = channel
    let loop = channel.loop
    let graceful = loop.flatSubmit { channel.shutDown(isImmediate: timeout <= .zero) }
    let cut = loop.scheduleTask(in: timeout) { _ = channel.shutDown(isImmediate: true) }
    try? await graceful.get()
    cut.cancel()
  }

  /// Calls that are open, for tests and metrics; those that wait for a connection are not.
  package var openStreams: Int {
    get async { (try? await channel.loop.submit { self.channel.openStreams }.get()) ?? 0 }
  }

  private func start(
    _ path: String, _ message: ByteBuffer?, _ metadata: Metadata, _ options: CallOptions
  ) -> ClientStream {
    let request = ClientRequest(
      path: path, metadata: metadata, message: message,
      encoding: options.encoding ?? configuration.limits.requestEncoding,
      waitsForReady: options.waitForReady)
    let call = ClientStream(request, on: channel)
    call.onLoop {
      if let timeout = options.timeout { call.deadline = call.loop.now + timeout }
      call.channel.start(call)
    }
    return call
  }
}
