import EventCore

/// What the writer's thread holds: its connection, what it knows by heart, the observers, and what
/// the open transaction is to tell them.
final class WriteSession {
  let connection: Connection
  let names: Names
  let limits: StoreLimits
  let backlog: Backlog
  let changes: ChangeLog
  let retention: Retention
  let recent: RecentTriggers
  private var observers: [@Sendable (DefinitionUpdate) -> Void] = []

  // Of the open transaction.
  private var updates: [DefinitionUpdate] = []
  private var receivedTimes: [Int64: Timestamp] = [:]
  private var receivedBlocks: [Int64: ClosedRange<Timestamp>] = [:]

  init(on connection: Connection, limits: StoreLimits) {
    self.connection = connection
    self.limits = limits
    names = Names(on: connection, rememberedMax: limits.rememberedNamesMax)
    backlog = Backlog(on: connection, limits: limits)
    changes = ChangeLog(on: connection, limits: limits)
    retention = Retention(on: connection, limits: limits)
    recent = RecentTriggers(countMax: limits.recentTriggersMax)
  }

  // MARK: Writes

  func commit(_ transaction: DefinitionTransaction) throws(SQLiteError) -> DefinitionOutcome {
    var commit = DefinitionCommit(transaction, on: connection, limits: limits)
    let outcome = try commit.run()
    updates += commit.updates
    for update in commit.updates { try noteDefinition(update) }
    return outcome
  }

  /// What a trigger's acceptance says of its event and its block, to be written once for all of the
  /// transaction.
  func noteReceived(_ trigger: Trigger, seq: Int64, event: Int64) {
    let time = trigger.receivedAt
    receivedTimes[event] = max(receivedTimes[event] ?? time, time)
    let block = ReceivedBlocks.block(of: seq)
    let known = receivedBlocks[block] ?? time...time
    receivedBlocks[block] = min(known.lowerBound, time)...max(known.upperBound, time)
  }

  /// What definitions mean for what has been accepted.
  private func noteDefinition(_ update: DefinitionUpdate) throws(SQLiteError) {
    let (key, organization) =
      switch update {
      case .put(let definition, let organization): (definition.key, organization)
      case .deleted(let key, let organization): (key, organization)
      }
    switch key.kind {
    case .event:
      guard let event = try Names.find(.event, organization, key.id, on: connection) else { return }
      retention.definitionChanged(event)
    case .subscription:
      let id = try Names.find(.subscription, organization, key.id, on: connection)
      let pauses = PauseTable(connection: connection)
      guard let id, try !pauses.isPaused(key.id, in: organization), try pauses.holds(id) else {
        return
      }
      try pauses.noteResumed(id)
    case .function, .group, .schema: break
    }
  }

  // MARK: Around a transaction

  func begin() throws(SQLiteError) {
    // A ROLLBACK that failed must not make every later transaction fail.
    connection.rollBack()
    try connection.run("BEGIN IMMEDIATE")
  }

  /// Once this has returned, and only then, the transaction is durable. A COMMIT that failed is
  /// never tried again: after a failed fsync, a second one may succeed although the data is lost.
  func commitTransaction() throws(SQLiteError) {
    let times = ReceivedTimes(connection: connection)
    for (event, time) in receivedTimes { try times.advance(event, to: time) }
    let blocks = ReceivedBlocks(connection: connection)
    for (block, times) in receivedBlocks { try blocks.widen(block, to: times) }
    try backlog.write()
    try connection.run("COMMIT")
    receivedTimes.removeAll(keepingCapacity: true)
    receivedBlocks.removeAll(keepingCapacity: true)
    backlog.committed()
  }

  func rollBack() {
    connection.rollBack()
    names.forget()
    backlog.forget()
    changes.forget()
    retention.forget()
    recent.forgetAll()
    updates.removeAll()
    receivedTimes.removeAll()
    receivedBlocks.removeAll()
  }

  // MARK: Observers

  /// Tells the observers what the transaction changed; only after it was committed.
  func notifyObservers() {
    for update in updates {
      for observer in observers { observer(update) }
    }
    updates.removeAll(keepingCapacity: true)
  }

  /// Replays all definitions to an observer, which from then on hears of every commit. Only between
  /// transactions, so that it neither hears of something twice nor of what is rolled back.
  func add(_ observer: @escaping @Sendable (DefinitionUpdate) -> Void) throws(SQLiteError) {
    precondition(updates.isEmpty && !connection.isInTransaction)
    try DefinitionTable(connection: connection).forEach { observer(.put($0, $1)) }
    observers.append(observer)
  }
}
