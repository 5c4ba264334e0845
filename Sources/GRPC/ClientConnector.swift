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
    RPCError(.unavailable, "cannot connect to \(configuration.endpoint): \(error)")
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
    let handshake = loop.makePromise(of: PeerIdentity?.self)
    let timer = loop.scheduleTask(in: configuration.limits.connectTimeout) {
      handshake.fail(TLSError("the TLS handshake takes too long"))
    }
    let channel = connect(bootstrap(connection, handshake))
    channel.whenFailure { handshake.fail($0) }
    handshake.futureResult.whenComplete { _ in timer.cancel() }
    let future = channel.and(handshake.futureResult).map(\.0)
      .flatMapError { error in
        connection.close()
        return self.loop.makeFailedFuture(error)
      }
      .flatMapThrowing { channel in
        try self.opened(connection, channel)
        return connection
      }
    current = future
    future.whenFailure { _ in self.current = nil }
    return future
  }

  private func bootstrap(
    _ connection: ClientConnection, _ handshake: EventLoopPromise<PeerIdentity?>
  ) -> ClientBootstrap {
    ClientBootstrap(group: loop)
      .connectTimeout(configuration.limits.connectTimeout)
      .channelOption(
        .writeBufferWaterMark,
        value: .init(low: Limits.channelLowMarkBytes, high: Limits.channelHighMarkBytes)
      )
      .channelInitializer { [configuration] channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls = configuration.tls {
            try tls.addHandlers(
              to: channel, of: configuration.endpoint, onEnd: handshake.completeWith)
          } else {
            handshake.succeed(nil)
          }
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
  }

  private func connect(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
    switch configuration.endpoint {
    case .tcp(let host, let port):
      bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: host, port: port)
    case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
    }
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
