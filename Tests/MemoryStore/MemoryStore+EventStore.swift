package import EventCore
import TestSupport

extension MemoryStore: EventStore {
  // MARK: Definitions

  package func commit(
    _ transaction: DefinitionTransaction
  ) async throws(StoreError) -> DefinitionOutcome {
    try check(.define)
    return contents.update { contents in
      let (outcome, updates) = contents.model.definitions.commit(transaction)
      // Within the lock: they hear commits in their order.
      for update in updates {
        for observer in contents.observers { observer(update) }
      }
      return outcome
    }
  }

  package func definition(
    _ key: Definition.Key, in organization: Organization
  ) async throws(StoreError) -> Definition? {
    try check(.read)
    return contents.read { $0.model.definitions.definition(key, in: organization) }
  }

  package func definitions(
    _ query: DefinitionQuery
  ) async throws(StoreError) -> Page<Definition> {
    try check(.read)
    return contents.read { $0.model.definitions.definitions(query) }
  }

  package func observeDefinitions(
    _ observer: @escaping @Sendable (DefinitionUpdate) -> Void
  ) async throws(StoreError) {
    try check(.read)
    contents.update { contents in
      for update in contents.model.definitions.updates { observer(update) }
      contents.observers.append(observer)
    }
  }

  // MARK: Triggers

  package func accept(_ plan: TriggerPlan) async throws(StoreError) -> AcceptOutcome {
    try check(.accept)
    return contents.update { $0.model.accept(plan) }
  }

  package func accept(_ plans: [TriggerPlan]) async throws(StoreError) -> [AcceptOutcome] {
    try check(.accept)
    return contents.update { contents in plans.map { contents.model.accept($0) } }
  }

  package func trigger(
    _ id: UniqueID, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger? {
    try check(.read)
    return contents.read { $0.model.trigger(id, in: organization) }
  }

  package func trigger(
    ofRequest requestID: String, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger? {
    try check(.read)
    return contents.read { $0.model.trigger(ofRequest: requestID, in: organization) }
  }

  package func triggers(_ query: TriggerQuery) async throws(StoreError) -> Page<StoredTrigger> {
    try check(.read)
    return contents.read { $0.model.triggers(query) }
  }

  package func invocation(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Invocation? {
    try check(.read)
    return contents.read { $0.model.invocation(id, in: organization) }
  }

  package func invocations(_ query: InvocationQuery) async throws(StoreError) -> Page<Invocation> {
    try check(.read)
    return contents.read { $0.model.invocations(query) }
  }

  package func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage {
    try check(.changes)
    return contents.read { $0.model.changes(query) }
  }

  // MARK: Work

  package func lanes() async throws(StoreError) -> [Lane] {
    try check(.lanes)
    return contents.read { $0.model.workingLanes() }
  }

  package func due(
    _ lane: Lane, at now: Timestamp, limit: Int, without known: Set<InvocationID>,
    _ order: DueOrder
  ) async throws(StoreError) -> DueWork {
    try check(.due)
    let work = contents.update { contents in
      contents.dueReads += 1
      contents.pageMax = max(contents.pageMax, limit)
      return contents.model.due(lane, at: now, limit: limit, without: known, order)
    }
    await dueWasRead()
    return work
  }

  package func record(
    _ invocation: Invocation, in organization: Organization, deadLetter: TriggerPlan?,
    running: RunningCheck
  ) async throws(StoreError) -> Consequences? {
    try check(.record)
    return contents.update { contents in
      let consequences = contents.model.record(
        invocation, deadLetter: deadLetter, running: running)
      if let recorded = consequences?.changed.first { contents.records.append(recorded) }
      return consequences
    }
  }

  package func cancel(
    _ target: CancelTarget, in organization: Organization, _ error: InvocationError,
    at now: Timestamp, running: RunningCheck
  ) async throws(StoreError) -> Consequences? {
    try check(.cancel)
    return contents.update {
      $0.model.cancel(target, in: organization, error, at: now, running: running)
    }
  }

  package func redrive(
    _ ids: [InvocationID], in organization: Organization, at now: Timestamp
  ) async throws(StoreError) -> Consequences {
    try check(.redrive)
    return contents.update { $0.model.redrive(ids, in: organization, at: now) }
  }

  // MARK: Concurrency keys

  package func hold(
    _ keys: [InvocationID: ConcurrencyKey], in lane: Lane
  ) async throws(StoreError) {
    try check(.hold)
    contents.update { $0.model.hold(keys, in: lane) }
  }

  package func release(
    _ release: KeyRelease, in lane: Lane
  ) async throws(StoreError) -> KeyReleased {
    try check(.release)
    return contents.update { $0.model.release(release, in: lane) }
  }

  package func lanesWithHeldKeys() async throws(StoreError) -> [Lane] {
    try check(.lanes)
    return contents.read { $0.model.lanesWithHeldKeys() }
  }

  // MARK: Upkeep

  package func park(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Bool {
    try check(.park)
    return contents.update { $0.model.park(id, in: organization) }
  }

  package func unpark(limit: Int) async throws(StoreError) -> Upkeep {
    try check(.unpark)
    return contents.update { $0.model.unpark(limit: limit) }
  }

  package func expireGroups(
    at now: Timestamp, limit: Int, running: RunningCheck
  ) async throws(StoreError) -> Upkeep {
    try check(.expireGroups)
    return contents.update { $0.model.expireGroups(at: now, limit: limit, running: running) }
  }

  package func prune(at now: Timestamp, limit: Int) async throws(StoreError) -> Upkeep {
    try check(.prune)
    return contents.update { $0.model.prune(at: now, limit: limit) }
  }

  package func close() async {
    contents.update { contents in
      contents.isClosed = true
      contents.observers = []
    }
  }
}
