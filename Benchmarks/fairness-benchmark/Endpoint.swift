import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP function that answers at once, and counts.
final class Endpoint: Sendable {
  let count = Atomic(0)
  let url: String
  private let channel: any Channel

  init(group: MultiThreadedEventLoopGroup) async throws {
    let counted = Counter()
    channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4_096)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(counted))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    url = "http://127.0.0.1:\(channel.localAddress!.port!)/"
    counted.endpoint.withLock { $0 = self }
  }

  private final class Counter: Sendable {
    let endpoint = Mutex<Endpoint?>(nil)
    func add() { endpoint.withLock { _ = $0?.count.add(1, ordering: .relaxed) } }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let counter: Counter

    init(_ counter: Counter) { self.counter = counter }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .end = unwrapInboundIn(data) else { return }
      counter.add()
      let head = HTTPResponseHead(
        version: .http1_1, status: .ok, headers: ["content-length": "0"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}
