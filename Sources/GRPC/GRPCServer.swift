import HTTP2
package import Logging
package import NIOCore
import NIOPosix

/// A gRPC server: listeners, and the connections they accept. HTTP/2 with prior knowledge (h2c),
/// unless ``Configuration/configureChannel`` puts TLS in front.
package final class GRPCServer: Sendable {
  package struct Configuration: Sendable {
    package struct Address: Sendable {
      package var host: String
      /// 0 picks a free one.
      package var port: Int

      package init(host: String, port: Int) {
        self.host = host
        self.port = port
      }
    }

    package var addresses: [Address]
    package var limits = ServerLimits()

    /// Adds handlers in front of HTTP/2, on the channel's loop, such as those of TLS.
    package var configureChannel: @Sendable (any Channel) throws -> Void = { _ in }

    package init(addresses: [Address]) { self.addresses = addresses }
  }

  /// A look at what the server does.
  package struct Activity: Sendable, Equatable {
    package var connections = 0
    package var openStreams = 0
    package var runningHandlers = 0
  }

  private let configuration: Configuration
  private let router: Router
  private let group: any EventLoopGroup
  private let logger: Logger
  private let registry: ConnectionRegistry
  private let listeners = Listeners()

  /// - Parameter group: outlives the server; end it after ``shutdown(drainFor:)``.
  package init(
    configuration: Configuration, router: Router, group: any EventLoopGroup, logger: Logger
  ) {
    self.configuration = configuration
    self.router = router
    self.group = group
    self.logger = logger
    registry = ConnectionRegistry(connectionsMax: configuration.limits.connectionsMax)
  }

  /// Binds every address and accepts connections; returns the bound addresses in order. Throws,
  /// with nothing left bound, if one of them cannot be had.
  package func start() async throws(ListenError) -> [SocketAddress] {
    for address in configuration.addresses {
      do {
        let channel = try await bootstrap().bind(host: address.host, port: address.port).get()
        listeners.add(channel)
      } catch {
        await listeners.close()
        throw ListenError("\(address.host):\(address.port)", error)
      }
    }
    return listeners.addresses
  }

  /// The bound addresses, while the server accepts connections.
  package var addresses: [SocketAddress] { listeners.addresses }

  /// Stops accepting, lets open calls go on for `drainFor` at most, then cuts what is left. Returns
  /// once every connection is closed and every handler has returned; a handler that ignores its
  /// cancellation is waited for ``Limits/cancelledHandlerGrace`` and logged.
  package func shutdown(drainFor: TimeAmount) async {
    await listeners.close()
    let loop = group.any()
    for connection in registry.all { connection.loop.execute { connection.beginDrain() } }
    if await registry.waitUntilEmpty(drainFor, on: loop) { return }
    for connection in registry.all { connection.loop.execute { connection.close() } }
    if await registry.waitUntilEmpty(Limits.cancelledHandlerGrace, on: loop) { return }
    let activity = await activity()
    logger.warning(
      "handlers still run after the server stopped", metadata: ["activity": "\(activity)"])
  }

  package func activity() async -> Activity {
    var sum = Activity()
    for connection in registry.all {
      sum.connections += 1
      let counts = try? await connection.loop.submit {
        (connection.openStreams, connection.runningHandlers)
      }.get()
      sum.openStreams += counts?.0 ?? 0
      sum.runningHandlers += counts?.1 ?? 0
    }
    return sum
  }

  private func bootstrap() -> ServerBootstrap {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(
        .writeBufferWaterMark,
        value: .init(low: Limits.channelLowMarkBytes, high: Limits.channelHighMarkBytes)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.accept(channel) }
      }
  }

  /// Sets up an accepted channel; also the way in for tests without sockets.
  func accept(_ channel: any Channel) throws {
    try configuration.configureChannel(channel)
    let connection = ServerConnection(
      router: router, limits: configuration.limits, loop: channel.eventLoop,
      executor: EventLoopExecutor(channel.eventLoop), logger: logger
    ) { [registry] in registry.remove($0) }
    guard registry.add(connection) else {
      logger.notice("refused a connection: the server has as many as it takes")
      throw ChannelError.eof
    }
    do {
      try channel.pipeline.syncOperations.addHandler(connection)
    } catch {
      registry.remove(connection)
      throw error
    }
  }
}
