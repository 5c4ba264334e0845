import EventCore
import Synchronization

/// What the pool needs of a store, in memory, with faults to inject.
final class MemoryStore: EventStore {
  enum Operation: Hashable { case lanes, due, record, read }

  struct Contents: Sendable {
    var triggers: [UniqueID: Trigger] = [:]
    var invocations: [InvocationID: Invocation] = [:]
    /// Unfinished ones, in the order of their acceptance.
    var unfinished: [Lane: [InvocationID]] = [:]
    var records: [Invocation] = []
    var dueReads = 0
    var pageMax = 0
  }

  let contents = Observed(Contents())

  /// In a struct: a closure that is itself the mutex's value gets a thunk more with every access.
  private struct Hooks {
    var fault: @Sendable (Operation) -> StoreError? = { _ in nil }
    var afterDue: @Sendable () async -> Void = {}
  }

  private let hooks = Mutex(Hooks())

  func fail(_ fault: @escaping @Sendable (Operation) -> StoreError?) {
    hooks.withLock { $0.fault = fault }
  }

  func work() {
    fail { _ in nil }
  }

  /// Called when a page was read, before it is returned.
  func afterDue(_ hook: @escaping @Sendable () async -> Void) {
    hooks.withLock { $0.afterDue = hook }
  }

  func insert(_ trigger: Trigger, _ invocations: [Invocation]) {
    contents.update { contents in
      contents.triggers[trigger.triggerID] = trigger
      for invocation in invocations {
        contents.invocations[invocation.id] = invocation
        let lane = Lane(trigger.organization, invocation.functionID)
        contents.unfinished[lane, default: []].append(invocation.id)
      }
    }
  }

  subscript(id: InvocationID) -> Invocation? { contents.value.invocations[id] }

  func until(_ isMet: @escaping @Sendable ([Invocation]) -> Bool) async {
    await contents.until { isMet(Array($0.invocations.values)) }
  }

  // MARK: Work

  func lanes() async throws(StoreError) -> [Lane] {
    try check(.lanes)
    return Array(contents.value.unfinished.keys)
  }

  func due(_ lane: Lane, at now: Timestamp, limit: Int) async throws(StoreError) -> DueWork {
    try check(.due)
    let work = contents.update { contents -> DueWork in
      contents.dueReads += 1
      contents.pageMax = max(contents.pageMax, limit)
      return contents.due(lane, at: now, limit: limit)
    }
    await hooks.withLock(\.afterDue)()
    return work
  }

  func record(_ invocation: Invocation) async throws(StoreError) -> Bool {
    try check(.record)
    return contents.update { contents in
      guard contents.invocations[invocation.id]?.state.isTerminal == false else { return false }
      contents.invocations[invocation.id] = invocation
      if invocation.state.isTerminal { contents.finish(invocation) }
      contents.records.append(invocation)
      return true
    }
  }

  func invocation(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Invocation? {
    try check(.read)
    return self[id]
  }

  private func check(_ operation: Operation) throws(StoreError) {
    if let error = hooks.withLock(\.fault)(operation) { throw error }
  }

  // MARK: Not needed by the pool

  func commit(
    _ transaction: DefinitionTransaction
  ) async throws(StoreError) -> DefinitionOutcome { throw .closed }
  func definition(
    _ key: Definition.Key, in organization: Organization
  ) async throws(StoreError) -> Definition? { throw .closed }
  func definitions(_ query: DefinitionQuery) async throws(StoreError) -> Page<Definition> {
    throw .closed
  }
  func observeDefinitions(
    _ observer: @escaping @Sendable (DefinitionUpdate) -> Void
  ) async throws(StoreError) { throw .closed }
  func accept(
    _ trigger: Trigger, _ invocations: [Invocation]
  ) async throws(StoreError) -> AcceptOutcome {
    insert(trigger, invocations)
    return .accepted
  }
  func trigger(
    _ id: UniqueID, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger? { throw .closed }
  func triggers(_ query: TriggerQuery) async throws(StoreError) -> Page<StoredTrigger> {
    throw .closed
  }
  func invocations(_ query: InvocationQuery) async throws(StoreError) -> Page<Invocation> {
    throw .closed
  }
  func close() async {}
}

extension MemoryStore.Contents {
  fileprivate mutating func finish(_ invocation: Invocation) {
    let lane = Lane(
      triggers[invocation.id.triggerID]!.organization, invocation.functionID)
    guard let index = unfinished[lane]?.firstIndex(of: invocation.id) else { return }
    unfinished[lane]!.remove(at: index)
    if unfinished[lane]!.isEmpty { unfinished[lane] = nil }
  }

  /// In the order of acceptance, which is enough here.
  fileprivate func due(_ lane: Lane, at now: Timestamp, limit: Int) -> DueWork {
    var work = DueWork()
    for id in unfinished[lane] ?? [] {
      let invocation = invocations[id]!
      if let time = invocation.nextAttemptTime, time > now {
        work.nextDueTime = min(work.nextDueTime ?? time, time)
      } else if work.assignments.count < limit {
        work.assignments.append(Assignment(triggers[id.triggerID]!, invocation))
      } else if work.nextDueTime != nil {
        break
      }
    }
    return work
  }
}
