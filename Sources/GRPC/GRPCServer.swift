import HTTP2
package import Logging
package import NIOCore
import NIOPosix
import Synchronization

/// A gRPC server: listeners, and the connections they accept. HTTP/2 over TLS where a listener has
/// it, with prior knowledge (h2c) elsewhere.
package final class GRPCServer: Sendable {
  package struct Listener: Sendable {
    package var endpoint: Endpoint

    /// Nil serves plaintext.
    package var tls: ServerTLS?

    package init(_ endpoint: Endpoint, tls: ServerTLS? = nil) {
      self.endpoint = endpoint
      self.tls = tls
    }
  }

  package struct Configuration: Sendable {
    package var listeners: [Listener]
    package var limits = ServerLimits()

    package init(listeners: [Listener]) { self.listeners = listeners }

    /// Plaintext listeners.
    package init(addresses: [Endpoint]) { listeners = addresses.map { Listener($0) } }
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
  private let memory: CallMemory
  private let listeners = Listeners()
  private let refusalLog = Mutex(Limits.refusalLog)

  /// - Parameter group: outlives the server; end it after ``shutdown(drainFor:)``.
  package init(
    configuration: Configuration, router: Router, group: any EventLoopGroup, logger: Logger
  ) {
    self.configuration = configuration
    self.router = router
    self.group = group
    self.logger = logger
    registry = ConnectionRegistry(
      connectionsMax: configuration.limits.connectionsMax,
      perPeerMax: configuration.limits.connectionsPerPeerMax)
    memory = CallMemory(bytesMax: configuration.limits.heldBytesMax)
  }

  /// Binds every address and accepts connections; returns the bound addresses in order. Throws,
  /// with nothing left bound, if one of them cannot be had.
  package func start() async throws(ListenError) -> [SocketAddress] {
    for listener in configuration.listeners {
      do {
        try await listeners.bind(
          listener.endpoint, bootstrap(for: listener), group: group, logger: logger)
      } catch {
        await listeners.close()
        throw error
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
    for connection in registry.stop() { connection.loop.execute { connection.beginDrain() } }
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

  private func bootstrap(for listener: Listener) -> ServerBootstrap {
    var bootstrap = ServerBootstrap(group: group)
      .childChannelOption(
        .writeBufferWaterMark,
        value: .init(low: Limits.channelLowMarkBytes, high: Limits.channelHighMarkBytes)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.accept(channel, tls: listener.tls) }
      }
    if case .tcp = listener.endpoint {
      bootstrap = bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }
    return bootstrap
  }

  /// Sets up an accepted channel; also the way in for tests without sockets.
  func accept(_ channel: any Channel, tls: ServerTLS? = nil) throws {
    let connection = ServerConnection(
      router: router, limits: configuration.limits, memory: memory, loop: channel.eventLoop,
      executor: EventLoopExecutor.of(channel.eventLoop), logger: logger
    ) { [registry] in registry.remove($0) }
    do {
      try registry.add(connection, from: channel.remoteAddress)
    } catch {
      logRefusal(error, of: channel)
      return channel.close(promise: nil)
    }
    do {
      try tls?.addHandlers(to: channel) { connection.handshakeEnded($0) }
      try channel.pipeline.syncOperations.addHandler(connection)
    } catch {
      registry.remove(connection)
      throw error
    }
  }

  /// At a bounded rate: whoever floods the server must not flood its log.
  private func logRefusal(_ refusal: ConnectionRegistry.Refusal, of channel: any Channel) {
    guard refusal != .serverStops, refusalLog.withLock({ $0.take(now: channel.eventLoop.now) })
    else { return }
    let peer = Endpoint(channel.remoteAddress).map { "\($0)" } ?? "unknown"
    switch refusal {
    case .serverIsFull:
      logger.notice(
        "refused a connection: the server has as many as it takes", metadata: ["peer": "\(peer)"])
    case .peerHasEnough:
      logger.notice(
        "refused a connection: its address has as many as one may", metadata: ["peer": "\(peer)"])
    case .serverStops: break
    }
  }
}
