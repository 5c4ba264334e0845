import EventCore

/// What the writer's thread holds: its connection, the names it knows, the observers, and what the
/// open transaction is to tell them.
final class WriteSession {
  let connection: Connection
  private let names: Names
  private let limits: StoreLimits
  private var observers: [@Sendable (DefinitionUpdate) -> Void] = []

  // Of the open transaction.
  private var updates: [DefinitionUpdate] = []
  private var receivedTimes: [Int64: Timestamp] = [:]

  init(on connection: Connection, limits: StoreLimits) {
    self.connection = connection
    self.limits = limits
    names = Names(on: connection, rememberedMax: limits.rememberedNamesMax)
  }

  // MARK: Writes

  func commit(_ transaction: DefinitionTransaction) throws(SQLiteError) -> DefinitionOutcome {
    var commit = DefinitionCommit(transaction, on: connection, limits: limits)
    let outcome = try commit.run()
    updates += commit.updates
    return outcome
  }

  func accept(
    _ trigger: Trigger, _ invocations: [Invocation]
  ) throws(SQLiteError) -> AcceptOutcome {
    let intake = TriggerIntake(connection: connection, names: names)
    let result = try intake.accept(trigger, invocations)
    if result.outcome == .accepted {
      let known = receivedTimes[result.event]
      receivedTimes[result.event] = max(known ?? trigger.receivedAt, trigger.receivedAt)
    }
    return result.outcome
  }

  func record(_ invocation: Invocation) throws(SQLiteError) -> Bool {
    try InvocationTable(connection: connection).record(invocation)
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
    try connection.run("COMMIT")
    receivedTimes.removeAll(keepingCapacity: true)
  }

  func rollBack() {
    connection.rollBack()
    names.forget()
    updates.removeAll()
    receivedTimes.removeAll()
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
