import EventCore
import Executors
import Logging
import Matching
import MemoryStore

@testable import EventGateway

/// The services over a store in memory, with a pool that runs nothing.
struct DeliveryFixture {
  let store: MemoryStore
  let catalog = Catalog()
  let pool: ExecutorPool
  let organization = Organization.default
  /// Tests count time in seconds from here.
  private let start = Timestamp.now() + .seconds(-100_000)

  /// With the events `a` and `b`, and `subscriptions` by id to the events that they are for.
  init(_ store: MemoryStore = MemoryStore(), subscriptions: [String: String] = ["s": "a"])
    async throws
  {
    self.store = store
    pool = ExecutorPool(
      store: store, catalog: catalog, runtime: IdleRuntime(), logger: Logger(label: "test"))
    await pool.shutdown(within: .zero)
    try await store.observeDefinitions { [catalog] in catalog.apply($0) }
    var function = Function()
    function.functionID = "f"
    let events = ["a", "b"].map { name in
      var event = Event()
      event.event = name
      return Definition.event(event)
    }
    let bindings = subscriptions.map { id, event in
      var subscription = Subscription()
      (subscription.subscriptionID, subscription.event) = (id, event)
      subscription.functionID = "f"
      return Definition.subscription(subscription)
    }
    _ = try await store.commit(
      DefinitionTransaction(
        in: organization, ([.function(function)] + events + bindings).map { .create($0) }))
  }

  var intake: TriggerIntake { TriggerIntake(store: store, catalog: catalog, pool: pool) }
  var redrive: Redrive { Redrive(store: store, pool: pool) }
  var replay: Replay { Replay(intake: intake) }

  func time(_ second: Int) -> Timestamp { start + .seconds(second) }

  /// Accepts a trigger that was received then.
  @discardableResult
  func emit(
    _ event: String = "a", at second: Int, _ change: (inout Trigger) -> Void = { _ in }
  ) async throws -> TriggerPlan {
    var trigger = Trigger()
    trigger.event = event
    trigger.receivedAt = time(second)
    trigger.triggerID = UniqueID(at: trigger.receivedAt)
    change(&trigger)
    trigger.organization = organization
    let candidates = try intake.candidates(for: event, in: organization)
    trigger.complete(from: candidates.event)
    let plan = TriggerPlan(trigger, try TriggerIntake.match(trigger, candidates))
    _ = try await store.accept(plan)
    return plan
  }

  /// Records that an invocation failed for good.
  func fail(_ id: InvocationID, code: String = "HTTP_400") async throws {
    guard let invocation = store[id] else { preconditionFailure("there is no \(id)") }
    var attempt = Attempt()
    attempt.number = (invocation.attempts.last?.number ?? 0) + 1
    let error = InvocationError(.function, code: code, message: "no", isFinal: true)
    let failed = invocation.after(
      attempt, .failed(error), policy: DeliveryPolicy(), due: time(0), chance: 0)
    _ = try await store.record(failed, in: .default, deadLetter: nil, running: { _ in nil })
  }

  /// Newest first.
  func triggers() async throws -> [Trigger] {
    try await store.triggers(TriggerQuery(in: organization, limit: 1_000)).items.map(\.trigger)
  }

  func states() async throws -> [Invocation.State: Int] {
    let all = try await store.invocations(InvocationQuery(in: organization, limit: 1_000)).items
    return Dictionary(grouping: all, by: \.state).mapValues(\.count)
  }
}

private struct IdleRuntime: FunctionRuntime {
  func validate(_ function: Function) throws(GatewayError) {}

  func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    AttemptResult(.succeeded)
  }
}
