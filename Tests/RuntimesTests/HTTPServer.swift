import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP/1.1 server on the loopback that answers as a test says.
final class HTTPServer: Sendable {
  struct Request: Sendable {
    var method: HTTPMethod
    var uri: String
    var headers: HTTPHeaders
    var body: [UInt8]
  }

  /// Writes one response.
  struct Responder: Sendable {
    fileprivate let channel: any Channel

    func respond(
      _ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], body: [UInt8] = []
    ) async throws {
      var headers = headers
      headers.add(name: "content-length", value: String(body.count))
      try await start(status, headers)
      try await write(body)
      try await end()
    }

    func start(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:]) async throws {
      let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
      try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
    }

    func write(_ bytes: [UInt8]) async throws {
      let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
      try await channel.writeAndFlush(part)
    }

    func end() async throws {
      try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    }

    /// Writes what no server that keeps to HTTP would.
    func write(raw text: String) async throws {
      try await channel.pipeline.context(handlerType: HTTPResponseEncoder.self).flatMap { context in
        let written = context.channel.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: written)
        return written.futureResult
      }.get()
    }

    func disconnect() async throws {
      try await channel.close()
    }

    /// Returns when the client has closed the connection.
    func disconnected() async throws {
      try await channel.closeFuture.get()
    }
  }

  typealias Handler = @Sendable (Request, Responder) async throws -> Void

  private let channel: any Channel
  /// Stays after `close`.
  let port: Int

  init(group: MultiThreadedEventLoopGroup, handler: @escaping Handler) async throws {
    channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Collector(handler))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress!.port!
  }

  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  func close() async {
    try? await channel.close()
  }
}

/// Collects a request and hands it on.
private final class Collector: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart

  private let handler: HTTPServer.Handler
  private var request: HTTPServer.Request?

  init(_ handler: @escaping HTTPServer.Handler) {
    self.handler = handler
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      request = HTTPServer.Request(
        method: head.method, uri: head.uri, headers: head.headers, body: [])
    case .body(let buffer):
      request?.body += Array(buffer.readableBytesView)
    case .end:
      guard let request else { return }
      let responder = HTTPServer.Responder(channel: context.channel)
      // A client that goes away makes a write fail, which is no failure of the test.
      Task { [handler] in try? await handler(request, responder) }
    }
  }
}
