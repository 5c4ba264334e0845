import HTTP2
import Logging
import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// One address of a client, and the connection to it. Confined to its loop.
///
/// ```
///   .idle ── connect() ──▶ .connecting ── the server's SETTINGS ──▶ .ready
///     ▲                         │                                     │
///     │                         │ no TCP, no TLS, no HTTP/2, timeout  │ GOAWAY, loss
///     │                         ▼                                     │
///     ├──── the backoff ◀── .failed                                   │
///     └───────────────────────────────────────────────────────────────┘
/// ```
///
/// These are the states of gRPC (doc/connectivity-semantics-and-api.md); its TRANSIENT_FAILURE is
/// `.failed`.
final class Subchannel: @unchecked Sendable {
  enum State {
    case idle
    /// `isSlow` when the next address should be tried beside this one.
    case connecting(ClientConnection, isSlow: Bool)
    case ready(ClientConnection)
    case failed(reason: String)
  }

  let endpoint: Endpoint
  private(set) var state = State.idle

  private let configuration: GRPCClient.Configuration
  private let loop: any EventLoop
  private let logger: Logger
  private weak var channel: ClientChannel?

  /// Every connection that is open, those included that end with calls still open on them.
  private var connections: [ObjectIdentifier: ClientConnection] = [:]
  private var backoff: Backoff
  private var attemptedAt = NIODeadline.distantPast
  private var attemptTimers: [Scheduled<Void>] = []

  /// Grows for a server that is pinged too often.
  private var keepaliveTime: TimeAmount?

  init(_ endpoint: Endpoint, of channel: ClientChannel) {
    self.endpoint = endpoint
    self.channel = channel
    configuration = channel.configuration
    loop = channel.loop
    logger = channel.logger
    keepaliveTime = configuration.limits.keepaliveTime
    backoff = Backoff(configuration.limits)
  }

  /// Why the latest attempt failed, until the next may be made.
  var failure: String? {
    if case .failed(let reason) = state { reason } else { nil }
  }

  var openStreams: Int { connections.values.reduce(0) { $0 + $1.openStreams } }

  // MARK: Connecting

  /// Begins an attempt, if it is idle.
  func connect() {
    guard case .idle = state else { return }
    let connection = ClientConnection(
      limits: configuration.limits, keepaliveTime: keepaliveTime, owner: self, loop: loop,
      logger: logger)
    state = .connecting(connection, isSlow: false)
    attemptedAt = loop.now
    connections[ObjectIdentifier(connection)] = connection
    let timeout = configuration.limits.connectTimeout
    attemptTimers = [
      loop.scheduleTask(in: timeout) {
        self.fail(connection, "nobody there spoke HTTP/2 within \(timeout)")
      },
      loop.scheduleTask(in: Limits.slowConnect) { self.becomeSlow(connection) },
    ]
    dial(bootstrap(connection)).whenComplete { result in
      switch result {
      case .success(let channel):
        channel.closeFuture.whenComplete { _ in self.closed(connection) }
      case .failure(let error):
        self.fail(connection, "\(ConnectFailure(error))")
        self.closed(connection)
      }
    }
  }

  private func bootstrap(_ connection: ClientConnection) -> ClientBootstrap {
    ClientBootstrap(group: loop)
      .connectTimeout(configuration.limits.connectTimeout)
      .channelOption(
        .writeBufferWaterMark,
        value: .init(low: Limits.channelLowMarkBytes, high: Limits.channelHighMarkBytes)
      )
      .channelInitializer { [configuration, endpoint] channel in
        channel.eventLoop.makeCompletedFuture {
          try configuration.tls?.addHandlers(to: channel, of: endpoint) { result in
            if case .failure(let error) = result { self.fail(connection, "\(error)") }
          }
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
  }

  private func dial(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
    switch endpoint {
    case .tcp(let host, let port): tcp(bootstrap).connect(host: host, port: port)
    case .unix(let path): bootstrap.connect(unixDomainSocketPath: path)
    }
  }

  private func tcp(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
    let bootstrap = bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
    guard configuration.limits.keepaliveTime != nil else { return bootstrap }
    let timeoutMs = configuration.limits.keepaliveTimeout.nanoseconds / 1_000_000
    return bootstrap.channelOption(.userTimeout, value: .init(clamping: timeoutMs))
  }

  private func becomeSlow(_ connection: ClientConnection) {
    guard case .connecting(let current, false) = state, current === connection else { return }
    state = .connecting(connection, isSlow: true)
    channel?.changed()
  }

  /// The attempt is over; the first reason counts.
  private func fail(_ connection: ClientConnection, _ reason: String) {
    guard case .connecting(let current, _) = state, current === connection else { return }
    logger.debug("cannot connect", metadata: ["to": "\(endpoint)", "reason": "\(reason)"])
    state = .failed(reason: reason)
    stopTimers()
    connection.close()
    let next = attemptedAt + backoff.next(chance: .random(in: -1...1))
    attemptTimers = [loop.scheduleTask(deadline: next) { self.becomeIdle() }]
    channel?.changed()
  }

  private func becomeIdle() {
    guard case .failed = state else { return }
    state = .idle
    channel?.changed()
  }

  private func stopTimers() {
    for timer in attemptTimers { timer.cancel() }
    attemptTimers = []
  }

  // MARK: What the connection tells

  /// The server's first SETTINGS are there.
  func becameReady(_ connection: ClientConnection) {
    guard case .connecting(let current, _) = state, current === connection else { return }
    stopTimers()
    backoff.reset()
    state = .ready(connection)
    channel?.changed(to: self)
  }

  /// No new call may use the connection.
  func stoppedTaking(_ connection: ClientConnection) {
    switch state {
    case .ready(let current) where current === connection:
      state = .idle
      channel?.changed()
    case .connecting(let current, _) where current === connection:
      fail(connection, connection.fault ?? "the server closed the connection before its SETTINGS")
    default: break
    }
  }

  /// The server told us so; with twice the time next (gRFC A8).
  func pingedTooMuch() {
    keepaliveTime = keepaliveTime.map { $0 * 2 }
    logger.notice(
      "the server is pinged too often",
      metadata: ["server": "\(endpoint)", "keepalive": "\(keepaliveTime ?? .zero)"])
  }

  private func closed(_ connection: ClientConnection) {
    connections[ObjectIdentifier(connection)] = nil
  }

  // MARK: Ending

  /// Another address serves: lets this one go, its open calls excepted.
  func release() {
    switch state {
    case .ready(let connection):
      state = .idle
      connection.endGracefully()
    case .connecting(let connection, _):
      stopTimers()
      state = .idle
      connection.close()
    case .idle, .failed: break
    }
  }

  /// Every connection closes when its last call has ended, or at once if `isImmediate`; the future
  /// is there when all have.
  func shutDown(isImmediate: Bool) -> EventLoopFuture<Void> {
    release()
    stopTimers()
    let closed = connections.values.compactMap { connection in
      defer { isImmediate ? connection.close() : connection.endGracefully() }
      return connection.context?.channel.closeFuture
    }
    return EventLoopFuture.andAllComplete(closed, on: loop)
  }
}

extension ChannelOption where Self == ChannelOptions.Types.SocketOption {
  /// How long sent data may go unacknowledged, in milliseconds (tcp(7), TCP_USER_TIMEOUT).
  fileprivate static var userTimeout: Self {
    .init(level: .tcp, name: .init(rawValue: TCP_USER_TIMEOUT))
  }
}
