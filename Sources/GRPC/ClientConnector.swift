import HTTP2
import Logging
import NIOCore
import NIOPosix

/// Has the client's connection ready, or makes one: on the first call, and on the first after the
/// connection was lost or the server announced its end. Confined to its loop.
final class ClientConnector: @unchecked Sendable {
  let loop: any EventLoop
  private let configuration: GRPCClient.Configuration
  private let logger: Logger
  private var current: EventLoopFuture<ClientConnection>?

  /// Connections that are ending, with calls still open on them.
  private var connections: [ObjectIdentifier: ClientConnection] = [:]
  private var waitingCalls = 0
  private var isShutDown = false

  init(_ configuration: GRPCClient.Configuration, loop: any EventLoop, logger: Logger) {
    self.configuration = configuration
    self.loop = loop
    self.logger = logger
  }

  var openStreams: Int { connections.values.reduce(0) { $0 + $1.openStreams } }

  /// Open calls, those that wait for a connection included.
  var calls: Int { openStreams + waitingCalls }

  /// Calls `body` on the loop, at once if there is a connection.
  func connect(_ body: @escaping @Sendable (Result<ClientConnection, RPCError>) -> Void) {
    guard !isShutDown else {
      return body(.failure(RPCError(.unavailable, "the client is closed")))
    }
    waitingCalls += 1
    let future = current ?? open()
    future.whenComplete { result in
      self.waitingCalls -= 1
      body(result.mapError(self.unavailable))
    }
  }

  private func unavailable(_ error: any Error) -> RPCError {
    let name = "\(configuration.host):\(configuration.port)"
    return RPCError(.unavailable, "cannot connect to \(name): \(error)")
  }

  /// Ends every connection; each closes when its last call has ended, or at once if `isImmediate`.
  func shutDown(isImmediate: Bool) -> EventLoopFuture<Void> {
    isShutDown = true
    current = nil
    let closed = connections.values.compactMap { connection in
      defer { isImmediate ? connection.close() : connection.endGracefully() }
      return connection.context?.channel.closeFuture
    }
    return EventLoopFuture.andAllComplete(closed, on: loop)
  }

  private func open() -> EventLoopFuture<ClientConnection> {
    let connection = ClientConnection(
      limits: configuration.limits, loop: loop, logger: logger
    ) { [weak self] in self?.ended($0) }
    let future = ClientBootstrap(group: loop)
      .connectTimeout(configuration.limits.connectTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(
        .writeBufferWaterMark,
        value: .init(low: Limits.channelLowMarkBytes, high: Limits.channelHighMarkBytes)
      )
      .channelInitializer { [configuration] channel in
        channel.eventLoop.makeCompletedFuture {
          try configuration.configureChannel(channel)
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .connect(host: configuration.host, port: configuration.port)
      .flatMapThrowing { channel in
        try self.opened(connection, channel)
        return connection
      }
    current = future
    future.whenFailure { _ in self.current = nil }
    return future
  }

  private func opened(_ connection: ClientConnection, _ channel: any Channel) throws {
    guard !isShutDown, !connection.isClosing else {
      channel.close(promise: nil)
      throw ChannelError.ioOnClosedChannel
    }
    connections[ObjectIdentifier(connection)] = connection
    channel.closeFuture.whenComplete { _ in
      self.connections[ObjectIdentifier(connection)] = nil
    }
  }

  private func ended(_ connection: ClientConnection) {
    // One that never opened is not in use; its attempt clears itself.
    if connections[ObjectIdentifier(connection)] != nil { current = nil }
  }
}
