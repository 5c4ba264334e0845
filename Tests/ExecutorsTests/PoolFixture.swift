import EventCore
import Executors
import Logging

/// A pool with everything it needs, and short ways to give it work.
struct PoolFixture {
  let store: MemoryStore
  let catalog = Catalog()
  let runtime: ScriptedRuntime
  let clock = ManualClock()
  let pool: ExecutorPool
  private let nextTrigger = Observed<Int64>(0)

  init(
    store: MemoryStore = MemoryStore(), runningMax: Int = 100, laneQueueMax: Int = 64,
    queuedBytesMax: Int = 64 << 20, functions: [String: Int32] = ["f": 0],
    script: @escaping ScriptedRuntime.Script = { _, _ in AttemptResult(.succeeded) }
  ) {
    self.store = store
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

  func define(_ functionID: String, concurrency: Int32 = 0) {
    var function = Function()
    function.functionID = functionID
    function.maxConcurrency = concurrency
    catalog.apply(.put(.function(function), .default))
  }

  func subscribe(_ id: String, _ functionID: String, _ delivery: DeliveryPolicy) {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = "e"
    subscription.functionID = functionID
    subscription.delivery = delivery
    catalog.apply(.put(.subscription(subscription), .default))
  }

  /// A trigger with one invocation for each function, in the store but not submitted.
  func accept(
    _ functions: [String], data: [UInt8] = []
  ) -> (trigger: Trigger, invocations: [Invocation]) {
    let number = nextTrigger.update { number in
      number += 1
      return number
    }
    var trigger = Trigger()
    trigger.receivedAt = clock.now() + .nanoseconds(1_000 * number)
    trigger.triggerID = UniqueID(at: trigger.receivedAt)
    trigger.event = "e"
    trigger.payload = Payload(data: data)
    let invocations = functions.enumerated().map { ordinal, functionID in
      var invocation = Invocation()
      invocation.id = InvocationID(triggerID: trigger.triggerID, ordinal: ordinal)
      invocation.functionID = functionID
      invocation.subscriptionID = "s-\(functionID)"
      return invocation
    }
    store.insert(trigger, invocations)
    return (trigger, invocations)
  }

  func accept(_ functions: String...) -> (trigger: Trigger, invocations: [Invocation]) {
    accept(functions)
  }

  @discardableResult
  func submit(_ functionID: String, data: [UInt8] = []) -> InvocationID {
    let (trigger, invocations) = accept([functionID], data: data)
    pool.submit(trigger, invocations)
    return invocations[0].id
  }

  func allFinished() async {
    await store.contents.until(\.unfinished.isEmpty)
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
