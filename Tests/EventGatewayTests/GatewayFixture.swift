import EventCore
import Executors
import GRPC
import Logging
import Matching
import MemoryStore
import Messages
import NIOCore
import NIOPosix
import TestSupport

@testable import EventGateway

/// The whole gateway behind a real server, on a store in memory, and a client of it. Has the event
/// `a`, to which `s` subscribes the function `f`.
struct GatewayFixture {
  let store = MemoryStore()
  let runtime = GatedRuntime()
  let pool: ExecutorPool
  let gateway: Gateway
  let connection: GRPCClient
  let client: GatewayClient

  private let server: GRPCServer

  static func run(_ body: (GatewayFixture) async throws -> Void) async throws {
    let fixture = try await GatewayFixture()
    let result: Result<Void, any Error>
    do {
      try await fixture.define()
      try await fixture.pool.start()
      result = .success(try await body(fixture))
    } catch {
      result = .failure(error)
    }
    await fixture.connection.close()
    fixture.gateway.health.finish()
    await fixture.server.shutdown(drainFor: .zero)
    await fixture.pool.shutdown(within: .zero)
    try result.get()
  }

  private init() async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let catalog = Catalog()
    pool = ExecutorPool(store: store, catalog: catalog, runtime: runtime, logger: logger)
    gateway = Gateway(store: store, catalog: catalog, pool: pool, runtime: runtime)
    try await store.observeDefinitions { catalog.apply($0) }
    let group = MultiThreadedEventLoopGroup.singleton
    server = GRPCServer(
      configuration: GRPCServer.Configuration(addresses: [.init(host: "127.0.0.1", port: 0)]),
      router: gateway.router(), group: group, logger: logger)
    let port = try await server.start()[0].port ?? 0
    connection = GRPCClient(.init(host: "127.0.0.1", port: port), group: group, logger: logger)
    client = GatewayClient(connection, organization: nil, timeout: .seconds(300))
  }

  private func define() async throws {
    var function = Function()
    function.functionID = "f"
    var event = Event()
    event.event = "a"
    var subscription = Subscription()
    (subscription.subscriptionID, subscription.event, subscription.functionID) = ("s", "a", "f")
    let definitions = [
      Definition.function(function), .event(event), .subscription(subscription),
    ]
    _ = try await store.commit(
      DefinitionTransaction(in: .default, definitions.map { .create($0) }))
  }

  // MARK: Calls

  func emit(_ change: (inout TriggerContent) -> Void = { _ in }) async throws -> String {
    var request = EmitEventRequest()
    request.content.event = "a"
    change(&request.content)
    let answer = try await client.call(
      "TriggerService/EmitEvent", request, as: EmitEventResponse.self)
    return answer.triggerID
  }

  /// Everything that a stream tells until it ends, without what only proxies need.
  func watch(_ triggerID: String, after token: String = "") async throws
    -> [TriggerEventResponse]
  {
    var request = WatchTriggerRequest()
    (request.triggerID, request.resumeToken) = (triggerID, token)
    var told: [TriggerEventResponse] = []
    try await client.stream("TriggerService/WatchTrigger", request) { told.append($0) }
    return told
  }

  func invocation(_ id: String) async throws -> Invocation {
    var request = GetInvocationRequest()
    request.invocationID = id
    return try await client.call("TriggerService/GetInvocation", request)
  }
}

/// Runs functions that end when they are told how.
final class GatedRuntime: FunctionRuntime {
  struct State: Sendable {
    var started = 0
    var stopped = 0
    /// Outcomes to come, the next first; when there are none, functions wait.
    var outcomes: [Invocation.AttemptOutcome] = []
    var isOpen = false
  }

  let state = Observed(State())

  func validate(_ function: Function) throws(GatewayError) {}

  func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    state.update { $0.started += 1 }
    await state.until { $0.isOpen || !$0.outcomes.isEmpty }
    let error = InvocationError(.cancelled, code: "STOPPED", message: "stopped")
    return state.update { state in
      guard !Task.isCancelled else {
        state.stopped += 1
        return AttemptResult(.failed(error))
      }
      return AttemptResult(state.outcomes.isEmpty ? .succeeded : state.outcomes.removeFirst())
    }
  }

  /// Everything succeeds from now on.
  func open() {
    state.update { $0.isOpen = true }
  }

  /// The next attempt that runs, or has not started yet, fails for good.
  func failOne() {
    let error = InvocationError(.function, code: "EXIT_1", message: "no", isFinal: true)
    state.update { $0.outcomes.append(.failed(error)) }
  }
}
