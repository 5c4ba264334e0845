import EventCore
import Executors
import Logging
import Matching
import MemoryStore
import TestSupport
import Testing

/// A pool with everything it needs, and short ways to give it work.
struct PoolFixture {
  let store: MemoryStore
  let catalog = Catalog()
  let runtime: ScriptedRuntime
  let clock: ManualClock
  let pool: ExecutorPool
  private let nextTrigger = Observed<Int64>(0)

  init(
    store: MemoryStore = MemoryStore(), clock: ManualClock = ManualClock(), runningMax: Int = 200,
    laneQueueMax: Int = 64, queuedBytesMax: Int = 128 << 20, functions: [String: Int32] = ["f": 64],
    script: @escaping ScriptedRuntime.Script = { _, _ in AttemptResult(.succeeded) }
  ) {
    self.store = store
    self.clock = clock
    runtime = ScriptedRuntime(script)
    var configuration = ExecutorPool.Configuration()
    configuration.runningMax = runningMax
    configuration.laneQueueMax = laneQueueMax
    configuration.queuedBytesMax = queuedBytesMax
    pool = ExecutorPool(
      store: store, catalog: catalog, runtime: runtime, configuration: configuration, clock: clock,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    for (id, concurrency) in functions { define(id, concurrency: concurrency) }
  }

  // MARK: Definitions

  func define(_ functionID: String, concurrency: Int32 = FlowControl().maxConcurrency) {
    var function = Function()
    function.functionID = functionID
    function.flow.maxConcurrency = concurrency
    put(.function(function))
  }

  func define(event: String, retention: Duration = Limits.retentionDefault) {
    var definition = Event()
    definition.event = event
    definition.retention = retention
    put(.event(definition))
  }

  func subscribe(
    _ id: String, _ functionID: String, _ delivery: DeliveryPolicy = DeliveryPolicy(),
    to event: String = "e", change: (inout Subscription) -> Void = { _ in }
  ) {
    if catalog.event(event, in: .default) == nil { define(event: event) }
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = functionID
    subscription.delivery = delivery
    change(&subscription)
    put(.subscription(subscription))
  }

  func defineGroup(
    _ id: String, _ strategy: SubscriptionGroup.Strategy,
    change: (inout SubscriptionGroup) -> Void = { _ in }
  ) {
    if catalog.event("e", in: .default) == nil { define(event: "e") }
    var group = SubscriptionGroup()
    group.groupID = id
    group.event = "e"
    group.strategy = strategy
    change(&group)
    put(.group(group))
  }

  func pause(_ id: String, _ isPaused: Bool = true) {
    var subscription = catalog.subscription(id, in: .default)!
    subscription.isPaused = isPaused
    put(.subscription(subscription))
  }

  /// Creates or replaces a definition, in the store and so in the catalog.
  func put(_ definition: Definition, in organization: Organization = .default) {
    let outcome = store.contents.update { contents in
      let stored = contents.model.definitions.definition(definition.key, in: organization)
      let change: DefinitionChange =
        stored.map { .update(definition, revision: $0.stamp.revision) } ?? .create(definition)
      return contents.model.commit(DefinitionTransaction(in: organization, [change]))
    }
    guard case .committed = outcome.outcome else {
      Issue.record("\(outcome.outcome)")
      return
    }
    for update in outcome.updates { catalog.apply(update) }
  }

  /// From now on the catalog hears of what the pool itself defines.
  func observeDefinitions() async throws {
    try await store.observeDefinitions { [catalog] in catalog.apply($0) }
  }

  // MARK: Triggers

  func trigger(_ event: String = "e", data: [UInt8] = []) -> Trigger {
    let number = nextTrigger.update { number in
      number += 1
      return number
    }
    var trigger = Trigger()
    trigger.receivedAt = clock.now()
    // Each id comes after the one before, though the clock stands still.
    trigger.triggerID = UniqueID(at: clock.now() + .nanoseconds(1_000 * number))
    trigger.event = event
    trigger.payload = Payload(data: data)
    return trigger
  }

  /// A trigger with one invocation for each function, whether it is defined or not.
  func plan(_ functions: [String], data: [UInt8] = []) -> TriggerPlan {
    var plan = TriggerPlan(trigger(data: data))
    plan.invocations = functions.enumerated().map { ordinal, functionID in
      var invocation = Invocation()
      invocation.id = InvocationID(triggerID: plan.trigger.triggerID, ordinal: ordinal)
      invocation.functionID = functionID
      invocation.subscriptionID = "s-\(functionID)"
      return invocation
    }
    return plan
  }

  /// The same, in the store but not submitted.
  func accept(_ functions: [String], data: [UInt8] = []) -> TriggerPlan {
    let plan = plan(functions, data: data)
    store.insert(plan)
    return plan
  }

  func accept(_ functions: String...) -> TriggerPlan { accept(functions) }

  @discardableResult
  func submit(_ functionID: String, data: [UInt8] = []) -> InvocationID {
    let plan = accept([functionID], data: data)
    pool.submit(plan, held: [])
    return plan.invocations[0].id
  }

  /// A trigger for all who subscribe to its event, accepted and submitted.
  @discardableResult
  func publish(
    _ event: String = "e", data: [UInt8] = [], change: (inout Trigger) -> Void = { _ in }
  ) -> TriggerPlan {
    var trigger = trigger(event, data: data)
    change(&trigger)
    let candidates = catalog.candidates(for: event, in: .default)!
    trigger.complete(from: candidates.event)
    let plan = TriggerPlan(trigger, candidates.match(trigger))
    pool.submit(plan, held: store.insert(plan))
    return plan
  }

  // MARK: What came of it

  func allFinished() async {
    await store.contents.until(\.isFinished)
  }

  func states(_ plan: TriggerPlan) -> [Invocation.State?] {
    plan.invocations.map { store[$0.id]?.state }
  }

  func starts(of functionID: String) -> Int {
    runtime.counts.read { $0.starts(of: functionID) }
  }

  /// The next progress of a watch, one by one, until `isLast`.
  func collect(
    _ watch: TriggerWatch, until isLast: (TriggerProgress) -> Bool
  ) async -> [TriggerProgress] {
    var all: [TriggerProgress] = []
    while let batch = await watch.next() {
      all += batch
      if batch.contains(where: isLast) { break }
    }
    return all
  }
}

extension TriggerProgress {
  var isTerminal: Bool {
    guard case .changed(let invocation) = self else { return false }
    return invocation.state.isTerminal
  }
}

/// For what has no signal: the suite's time limit is its end.
func eventually(_ isMet: () -> Bool) async {
  while !isMet() { await Task.yield() }
}
