import HTTP2
import NIOCore
import NIOPosix
import Synchronization

@testable import GRPC

/// A server that does what none of ours would: the test acts on every event of its connections.
final class PlainServer: Sendable {
  /// On the connection's loop; the number is the connection's, from 0.
  typealias Action = @Sendable (borrowing HTTP2Session, Int, HTTP2Event) -> Void

  private let channel: any Channel
  private let accepted: Accepted

  private final class Accepted: Sendable {
    let channels = Mutex<[any Channel]>([])

    /// Returns the connection's number.
    func add(_ channel: any Channel) -> Int {
      channels.withLock {
        $0.append(channel)
        return $0.count - 1
      }
    }
  }

  /// - Parameters:
  ///   - speaks: false accepts connections and says nothing, ever.
  ///   - isDeafAfterHead: it reads and says nothing more once a call has begun.
  init(
    speaks: Bool = true, isDeafAfterHead: Bool = false, concurrentStreamsMax: UInt32 = 100,
    _ action: @escaping Action = { _, _, _ in }
  ) async throws {
    let accepted = Accepted()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let number = accepted.add(channel)
          guard speaks else { return }
          try channel.pipeline.syncOperations.addHandler(
            Peer(number, isDeafAfterHead, concurrentStreamsMax, action))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    self.accepted = accepted
  }

  var endpoint: Endpoint { Endpoint(host: "127.0.0.1", port: channel.localAddress!.port!) }
  var connections: Int { accepted.channels.withLock { $0.count } }

  func close() async {
    try? await channel.close()
    for channel in accepted.channels.withLock({ $0 }) { try? await channel.close() }
  }

  private final class Peer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let session: HTTP2Session
    private let number: Int
    private let isDeafAfterHead: Bool
    private var isDeaf = false
    private let action: Action

    init(
      _ number: Int, _ isDeafAfterHead: Bool, _ concurrentStreamsMax: UInt32,
      _ action: @escaping Action
    ) {
      session = HTTP2Session(.server, settings: .init(concurrentStreamsMax: concurrentStreamsMax))
      self.number = number
      self.isDeafAfterHead = isDeafAfterHead
      self.action = action
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !isDeaf else { return }
      try? unwrapInboundIn(data).withUnsafeReadableBytes { try session.receive($0) }
      while let event = session.nextEvent() {
        if isDeafAfterHead, case .head = event { isDeaf = true }
        action(session, number, event)
      }
      while let bytes = try? session.nextOutput() {
        context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      }
      context.flush()
    }
  }
}

extension HTTP2Session {
  /// Answers a call with OK and an empty message.
  func answer(_ stream: HTTP2Stream) {
    stream.body.append([0, 0, 0, 0, 0])
    stream.body.finish(trailers: ResponseFields.okTrailers)
    submitResponse(ResponseFields.head, on: stream, hasBody: true)
  }
}

extension OutboundBody {
  mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }
}
