import EventCore
import EventGateway
import Executors
import GRPC
import Logging
import Matching
import Messages
import NIOCore
import NIOPosix
import Runtimes
import SQLiteStore
import ServiceLifecycle
import Workers

/// The gateway as a process: puts the parts together, starts them in order and stops them in the
/// reverse one. The only place that picks a store and the runtimes.
struct GatewayServer: Service {
  struct Configuration: Sendable {
    var listeners: [GRPCServer.Listener]

    /// Of the listeners that have TLS; nil without.
    var tls: ServerTLS?
    var connections: ServerLimits
    var data: String
    var allowProcess: [String]
    var drain: Duration
    var workerTimes = WorkerTimes()
    /// How many files this process may have open.
    var filesMax: Int
    /// Unfinished invocations in all, of one organization, and of one function.
    var backlogMax: Int
    var backlogPerOrganizationMax: Int
    var backlogPerFunctionMax: Int
  }

  private let configuration: Configuration
  private let logger: Logger
  private let group: MultiThreadedEventLoopGroup
  private let store: SQLiteStore
  private let catalog = Catalog()
  private let http: HTTPRuntime
  private let grpc: GRPCRuntime
  private let process: ProcessRuntime
  private let workers: WorkerHub
  private let pool: ExecutorPool
  private let gateway: Gateway
  private let server: GRPCServer

  /// Opens the store; serves nothing yet. What it opened must be stopped by `run`.
  ///
  /// - Throws: `StoreError` or `GatewayError`, in words for the operator; nothing is left open then.
  init(_ configuration: Configuration, logger: Logger) throws {
    self.configuration = configuration
    self.logger = logger
    let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
    do {
      process = try ProcessRuntime(
        allowedDirectories: configuration.allowProcess, group: group,
        commandsMax: configuration.commandsMax, keptMax: configuration.keptProcessesMax)
      var limits = StoreLimits()
      limits.backlogMax = configuration.backlogMax
      limits.backlogPerOrganizationMax = configuration.backlogPerOrganizationMax
      limits.backlogPerFunctionMax = configuration.backlogPerFunctionMax
      store = try SQLiteStore.open(
        directory: configuration.data, limits: limits, resuming: EventLoopExecutor.takeTurn,
        logger: logger)
    } catch {
      try? group.syncShutdownGracefully()
      throw error
    }
    self.group = group
    http = HTTPRuntime(group: group)
    grpc = GRPCRuntime(group: group, logger: logger)
    workers = WorkerHub(times: configuration.workerTimes)
    let runtimes = Runtimes(http: http, grpc: grpc, process: process, workers: workers)
    pool = ExecutorPool(
      store: store, catalog: catalog, runtime: runtimes,
      executor: EventLoopExecutor.of(group.next()), logger: logger)
    gateway = Gateway(
      store: store, catalog: catalog, pool: pool, runtime: runtimes, workers: workers,
      drain: configuration.drain)
    var serving = GRPCServer.Configuration(listeners: configuration.listeners)
    serving.limits = configuration.connections
    server = GRPCServer(
      configuration: serving, router: gateway.router(), group: group, logger: logger)
  }

  func run() async throws {
    let watch = Task { [workers] in await workers.keepWatch() }
    defer { watch.cancel() }
    let certificates = configuration.tls.map { CertificateWatch($0, logger: logger) }
    let reloading = Task { await certificates?.run() }
    defer { reloading.cancel() }
    do {
      try await store.observeDefinitions { [catalog, process] in
        catalog.apply($0)
        process.apply($0)
      }
      let addresses = try await server.start()
      try await pool.start()
      for (address, listener) in zip(addresses, configuration.listeners) {
        announce(address, listener)
      }
      try await gracefulShutdown()
    } catch {
      await stop(drain: .zero)
      throw error
    }
    logger.info("shutting down", metadata: ["drain": "\(configuration.drain)"])
    await stop(drain: configuration.drain)
  }

  /// How long streams that the drain ends have to send their status.
  private static let farewell = Duration.seconds(1)

  /// Calls first, while functions still run for them; then the functions; the store last.
  private func stop(drain: Duration) async {
    gateway.health.finish()
    workers.leave()
    let end = ContinuousClock.now + drain
    // Who still watches a trigger then is told that it goes on after the restart, not cut off.
    let ending = Task {
      try await Task.sleep(until: end)
      pool.endWatches()
    }
    await server.shutdown(drainFor: .nanoseconds((drain + Self.farewell).wholeNanoseconds))
    ending.cancel()
    await pool.shutdown(within: max(.zero, ContinuousClock.now.duration(to: end)))
    await process.shutdown()
    await store.close()
    await http.shutdown()
    await grpc.shutdown()
    try? await group.shutdownGracefully()
  }

  private func announce(_ address: SocketAddress, _ listener: GRPCServer.Listener) {
    // A Unix domain socket is where it was asked for; a port may have been picked.
    let bound = Endpoint(address) ?? listener.endpoint
    print("event-gateway listening on \(bound)\(listener.tls == nil ? "" : " with TLS")")
    flushOutput()
  }
}

extension GatewayServer.Configuration {
  /// A quarter of the files is for commands: running out of them while one starts would end the
  /// process. An eighth is for kept processes, half for connections, the rest for calls of functions
  /// and the store.
  fileprivate var commandsMax: Int {
    let affordable = filesMax / 4 / RuntimeLimits.descriptorsPerCommand
    return min(RuntimeLimits.commandsMax, max(1, affordable))
  }

  fileprivate var keptProcessesMax: Int {
    let affordable = filesMax / 8 / RuntimeLimits.descriptorsPerCommand
    return min(RuntimeLimits.keptProcessesMax, max(1, affordable))
  }
}
