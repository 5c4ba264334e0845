package import EventCore

extension SQLiteStore: EventStore {
  // MARK: Definitions

  package func commit(
    _ transaction: DefinitionTransaction
  ) async throws(StoreError) -> DefinitionOutcome {
    try await commits.write(of: transaction.organization, transaction.queueCost) {
      (session) throws(SQLiteError) in
      try session.commit(transaction)
    }
  }

  package func definition(
    _ key: Definition.Key, in organization: Organization
  ) async throws(StoreError) -> Definition? {
    try await reads.read(of: organization) { (connection) throws(SQLiteError) in
      let table = DefinitionTable(connection: connection)
      guard let definition = try table.find(key, in: organization) else { return nil }
      return try ReceivedTimes(connection: connection).fill(definition, in: organization)
    }
  }

  package func definitions(_ query: DefinitionQuery) async throws(StoreError) -> Page<Definition> {
    try await reads.read(of: query.organization) { (connection) throws(SQLiteError) in
      let times = ReceivedTimes(connection: connection)
      var page = try DefinitionTable(connection: connection).page(query)
      for index in page.items.indices {
        page.items[index] = try times.fill(page.items[index], in: query.organization)
      }
      return page
    }
  }

  package func observeDefinitions(
    _ observer: @escaping @Sendable (DefinitionUpdate) -> Void
  ) async throws(StoreError) {
    try await commits.join(observer)
  }

  // MARK: Triggers

  nonisolated(nonsending) package func accept(_ plan: TriggerPlan) async throws(StoreError)
    -> AcceptOutcome
  {
    try await commits.write(of: plan.trigger.organization, plan.queueCost) {
      (session) throws(SQLiteError) in
      try TriggerIntake(session: session).accept(plan)
    }
  }

  nonisolated(nonsending) package func accept(_ plans: [TriggerPlan]) async throws(StoreError)
    -> [AcceptOutcome]
  {
    let cost = plans.reduce(QueueCost()) { $0 + $1.queueCost }
    return try await commits.write(of: plans.first?.trigger.organization, cost) {
      (session) throws(SQLiteError) in
      let intake = TriggerIntake(session: session)
      return try plans.map { (plan) throws(SQLiteError) in try intake.accept(plan) }
    }
  }

  package func trigger(
    _ id: UniqueID, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger? {
    try await reads.read(of: organization) { (connection) throws(SQLiteError) in
      let table = TriggerTable(connection: connection)
      guard let seq = try table.seq(id, in: organization) else { return nil }
      return try table.stored(seq)
    }
  }

  package func trigger(
    ofRequest requestID: String, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger? {
    try await reads.read(of: organization) { (connection) throws(SQLiteError) in
      let table = TriggerTable(connection: connection)
      guard let seq = try table.seq(ofRequest: requestID, in: organization) else { return nil }
      return try table.stored(seq)
    }
  }

  package func triggers(_ query: TriggerQuery) async throws(StoreError) -> Page<StoredTrigger> {
    try await reads.read(of: query.organization) { (connection) throws(SQLiteError) in
      try TriggerTable(connection: connection).page(query)
    }
  }

  package func invocation(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Invocation? {
    try await reads.read(of: organization) { (connection) throws(SQLiteError) in
      try InvocationTable(connection: connection).find(id, in: organization)
    }
  }

  package func invocations(_ query: InvocationQuery) async throws(StoreError) -> Page<Invocation> {
    try await reads.read(of: query.organization) { (connection) throws(SQLiteError) in
      try InvocationTable(connection: connection).page(query)
    }
  }

  package func changes(_ query: ChangeQuery) async throws(StoreError) -> ChangePage {
    try await reads.read(of: query.organization) { [limits] (connection) throws(SQLiteError) in
      try ChangeTable(connection: connection).page(query, examinedMax: limits.examinedChangesMax)
    }
  }

  // MARK: Work

  package func lanes() async throws(StoreError) -> [Lane] {
    try await workReads.read(of: nil) { (connection) throws(SQLiteError) in
      try WorkIndex(connection: connection).lanes()
    }
  }

  package func due(
    _ lane: Lane, at now: Timestamp, limit: Int, without known: Set<InvocationID>,
    _ order: DueOrder
  ) async throws(StoreError) -> DueWork {
    try await workReads.read(of: lane.organization) { (connection) throws(SQLiteError) in
      try WorkIndex(connection: connection).due(
        lane, at: now, limit: limit, without: known, order)
    }
  }

  nonisolated(nonsending) package func record(
    _ invocation: Invocation, in organization: Organization, deadLetter: TriggerPlan?,
    running: @escaping RunningCheck
  ) async throws(StoreError) -> Consequences? {
    // The executor pool alone knows what is running; see Invocation.State.
    precondition(invocation.state != .running, "RUNNING is never stored")
    precondition(deadLetter == nil || invocation.state == .failed, "a dead letter of no failure")
    let cost = deadLetter.map { $0.queueCost + invocation.queueCost } ?? invocation.queueCost
    return try await commits.write(of: organization, cost) { (session) throws(SQLiteError) in
      try session.record(invocation, deadLetter: deadLetter, running: running)
    }
  }

  package func cancel(
    _ target: CancelTarget, in organization: Organization, _ error: InvocationError,
    at now: Timestamp, running: @escaping RunningCheck
  ) async throws(StoreError) -> Consequences? {
    try await commits.write(of: organization) { (session) throws(SQLiteError) in
      try session.cancel(target, in: organization, error, at: now, running: running)
    }
  }

  package func redrive(
    _ ids: [InvocationID], in organization: Organization, at now: Timestamp
  ) async throws(StoreError) -> Consequences {
    let cost = QueueCost(rows: 3 * ids.count, bytes: ids.count * MemoryLayout<InvocationID>.size)
    return try await commits.write(of: organization, cost) { (session) throws(SQLiteError) in
      try Redrive(session: session, organization: organization, now: now).run(ids)
    }
  }

  // MARK: Concurrency keys

  package func hold(
    _ keys: [InvocationID: ConcurrencyKey], in lane: Lane
  ) async throws(StoreError) {
    let bytes = keys.count * MemoryLayout<(InvocationID, ConcurrencyKey)>.size
    let cost = QueueCost(rows: keys.count, bytes: bytes)
    try await commits.write(of: lane.organization, cost) { (session) throws(SQLiteError) in
      for id in keys.keys { session.recent.forget(id.triggerID) }
      try KeyTable(connection: session.connection).hold(keys, in: lane)
    }
  }

  package func release(
    _ release: KeyRelease, in lane: Lane
  ) async throws(StoreError) -> KeyReleased {
    try await commits.write(of: lane.organization, release.queueCost) {
      (session) throws(SQLiteError) in
      try KeyTable(connection: session.connection).release(release, in: lane)
    }
  }

  package func lanesWithHeldKeys() async throws(StoreError) -> [Lane] {
    try await workReads.read(of: nil) { (connection) throws(SQLiteError) in
      try KeyTable(connection: connection).lanes()
    }
  }

  // MARK: Upkeep

  nonisolated(nonsending) package func park(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Bool {
    try await commits.write(of: organization) { (session) throws(SQLiteError) in
      session.recent.forget(id.triggerID)
      return try PauseTable(connection: session.connection).park(id, in: organization)
    }
  }

  package func unpark(limit: Int) async throws(StoreError) -> Upkeep {
    try await commits.write(of: nil, QueueCost(rows: limit)) { (session) throws(SQLiteError) in
      try PauseTable(connection: session.connection).unpark(limit: limit)
    }
  }

  package func expireGroups(
    at now: Timestamp, limit: Int, running: @escaping RunningCheck
  ) async throws(StoreError) -> Upkeep {
    try await commits.write(of: nil) { (session) throws(SQLiteError) in
      try session.expireGroups(at: now, limit: limit, running: running)
    }
  }

  package func prune(at now: Timestamp, limit: Int) async throws(StoreError) -> Upkeep {
    try await commits.write(of: nil, QueueCost(rows: limit)) { (session) throws(SQLiteError) in
      try session.prune(at: now, limit: limit)
    }
  }
}
