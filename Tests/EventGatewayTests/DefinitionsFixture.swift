import EventCore
import GRPC
import Logging
import Matching
import MemoryStore
import Messages
import NIOCore
import NIOPosix
import Synchronization

@testable import EventGateway

/// The services of definitions behind a real server, on a store in memory, and a client of them.
struct DefinitionsFixture {
  let store: MemoryStore
  let client: GatewayClient
  private let hints: Hints

  private final class Hints: Sendable {
    let count = Atomic(0)
  }

  /// How often upkeep was hinted at.
  var upkeepHints: Int { hints.count.load(ordering: .relaxed) }

  /// Has the event `order.created` and the function `f`.
  static func run(_ body: (DefinitionsFixture) async throws -> Void) async throws {
    let (store, hints) = (MemoryStore(), Hints())
    let catalog = Catalog()
    try await store.observeDefinitions { catalog.apply($0) }
    let definitions = Definitions(
      store: store, upkeepNeeded: { hints.count.wrappingAdd(1, ordering: .relaxed) })
    var router = Router()
    EventService(definitions: definitions, catalog: catalog).register(in: &router)
    SubscriptionService(definitions: definitions, catalog: catalog).register(in: &router)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = GRPCServer(
      configuration: GRPCServer.Configuration(addresses: [.init(host: "127.0.0.1", port: 0)]),
      router: router, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    let port = try await server.start()[0].port ?? 0
    let connection = GRPCClient(
      .init(host: "127.0.0.1", port: port), group: MultiThreadedEventLoopGroup.singleton,
      logger: logger)
    let client = GatewayClient(connection, organization: nil, timeout: .seconds(300))
    let result: Result<Void, any Error>
    do {
      let fixture = DefinitionsFixture(store: store, client: client, hints: hints)
      try await fixture.define()
      result = .success(try await body(fixture))
    } catch {
      result = .failure(error)
    }
    await connection.close()
    await server.shutdown(drainFor: .zero)
    try result.get()
  }

  private func define() async throws {
    var function = Function()
    function.functionID = "f"
    try await put(.function(function))
    try await event("order.created")
  }

  private func put(_ definition: Definition) async throws {
    let transaction = DefinitionTransaction(in: .default, [.create(definition)])
    guard case .committed = try await store.commit(transaction) else {
      preconditionFailure("\(definition.key) was refused")
    }
  }

  func event(_ name: String) async throws {
    var event = Event()
    event.event = name
    try await put(.event(event))
  }

  func group(_ id: String, of event: String = "order.created") async throws {
    var group = SubscriptionGroup()
    (group.groupID, group.event) = (id, event)
    try await put(.group(group))
  }

  @discardableResult
  func subscribe(
    _ id: String, to event: String = "order.created",
    _ change: (inout Subscription) -> Void = { _ in }
  ) async throws -> Subscription {
    var request = CreateSubscriptionRequest()
    request.subscription.subscriptionID = id
    request.subscription.event = event
    request.subscription.functionID = "f"
    change(&request.subscription)
    return try await client.call("SubscriptionService/CreateSubscription", request)
  }

  func subscription(_ id: String) async throws -> Subscription {
    var request = GetSubscriptionRequest()
    request.subscriptionID = id
    return try await client.call("SubscriptionService/GetSubscription", request)
  }

  func pause(_ id: String, _ reason: String = "", etag: String = "") async throws -> Subscription {
    var request = PauseSubscriptionRequest()
    (request.subscriptionID, request.reason, request.etag) = (id, reason, etag)
    return try await client.call("SubscriptionService/PauseSubscription", request)
  }

  func resume(_ id: String) async throws -> Subscription {
    var request = ResumeSubscriptionRequest()
    request.subscriptionID = id
    return try await client.call("SubscriptionService/ResumeSubscription", request)
  }
}

/// The reason of the call's error, and the fields that it names; nil if it succeeded.
func refusal(_ body: () async throws -> Void) async throws -> (reason: String, fields: [String])? {
  do {
    try await body()
    return nil
  } catch let error as RPCError {
    let status = try error.statusDetails.withUnsafeBytes {
      try ErrorStatus(unpacking: $0, from: .server)
    }
    let info = status.details.lazy.compactMap { $0.unpacked("ErrorInfo", as: ErrorInfo.self) }
    let bad = status.details.lazy.compactMap { $0.unpacked("BadRequest", as: BadRequest.self) }
    return (info.first?.reason ?? "", bad.first?.violations.map(\.field) ?? [])
  }
}
