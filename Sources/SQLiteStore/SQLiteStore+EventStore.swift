package import EventCore

extension SQLiteStore: EventStore {
  // MARK: Definitions

  package func commit(
    _ transaction: DefinitionTransaction
  ) async throws(StoreError) -> DefinitionOutcome {
    try await commits.write(bytes: transaction.queuedBytes) { (session) throws(SQLiteError) in
      try session.commit(transaction)
    }
  }

  package func definition(
    _ key: Definition.Key, in organization: Organization
  ) async throws(StoreError) -> Definition? {
    try await reads.read { (connection) throws(SQLiteError) in
      let table = DefinitionTable(connection: connection)
      guard let definition = try table.find(key, in: organization) else { return nil }
      return try ReceivedTimes(connection: connection).fill(definition, in: organization)
    }
  }

  package func definitions(_ query: DefinitionQuery) async throws(StoreError) -> Page<Definition> {
    try await reads.read { (connection) throws(SQLiteError) in
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

  package func accept(
    _ trigger: Trigger, _ invocations: [Invocation]
  ) async throws(StoreError) -> AcceptOutcome {
    let bytes = trigger.queuedBytes + invocations.count * MemoryLayout<Invocation>.size
    return try await commits.write(bytes: bytes) { (session) throws(SQLiteError) in
      try session.accept(trigger, invocations)
    }
  }

  package func trigger(
    _ id: UniqueID, in organization: Organization
  ) async throws(StoreError) -> StoredTrigger? {
    try await reads.read { (connection) throws(SQLiteError) in
      let table = TriggerTable(connection: connection)
      guard let seq = try table.seq(id, in: organization) else { return nil }
      return try table.stored(seq)
    }
  }

  package func triggers(_ query: TriggerQuery) async throws(StoreError) -> Page<StoredTrigger> {
    try await reads.read { (connection) throws(SQLiteError) in
      try TriggerTable(connection: connection).page(query)
    }
  }

  package func invocation(
    _ id: InvocationID, in organization: Organization
  ) async throws(StoreError) -> Invocation? {
    try await reads.read { (connection) throws(SQLiteError) in
      try InvocationTable(connection: connection).find(id, in: organization)
    }
  }

  package func invocations(_ query: InvocationQuery) async throws(StoreError) -> Page<Invocation> {
    try await reads.read { (connection) throws(SQLiteError) in
      try InvocationTable(connection: connection).page(query)
    }
  }

  // MARK: Work

  package func lanes() async throws(StoreError) -> [Lane] {
    try await reads.read { (connection) throws(SQLiteError) in
      try WorkIndex(connection: connection).lanes()
    }
  }

  package func due(
    _ lane: Lane, at now: Timestamp, limit: Int
  ) async throws(StoreError) -> DueWork {
    try await reads.read { (connection) throws(SQLiteError) in
      try WorkIndex(connection: connection).due(lane, at: now, limit: limit)
    }
  }

  package func record(_ invocation: Invocation) async throws(StoreError) -> Bool {
    // The executor pool alone knows what is running; see Invocation.State.
    precondition(invocation.state != .running, "RUNNING is never stored")
    return try await commits.write(bytes: invocation.queuedBytes) { (session) throws(SQLiteError) in
      try session.record(invocation)
    }
  }
}
