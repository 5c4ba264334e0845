import EventCore

/// The invocations and their outcomes.
struct InvocationTable {
  let connection: Connection

  // MARK: Reading

  func find(
    _ id: InvocationID, in organization: Organization
  ) throws(SQLiteError) -> Invocation? {
    let triggers = TriggerTable(connection: connection)
    guard let seq = try triggers.seq(id.triggerID, in: organization) else { return nil }
    return try invocation(InvocationKey(seq: seq, ordinal: id.ordinal))
  }

  func invocation(_ key: InvocationKey) throws(SQLiteError) -> Invocation? {
    try connection.first(
      """
      SELECT t.trigger_id, t.received_at, s.name, f.name, i.state, i.due_at, o.outcome
      FROM invocations i
      JOIN triggers t ON t.seq = ?2
      JOIN names s ON s.id = i.subscription
      JOIN names f ON f.id = i.function
      LEFT JOIN outcomes o ON o.id = ?1
      WHERE i.id = ?1
      """, key, key.seq
    ) { (row) throws(SQLiteError) in try Invocation(row: row, ordinal: key.ordinal) }
  }

  // MARK: Writing

  /// - Parameter seq: its trigger's.
  func insert(
    _ invocation: Invocation, of trigger: Trigger, seq: Int64, names: Names
  ) throws(SQLiteError) {
    let organization = trigger.organization
    try connection.run(
      "INSERT INTO invocations (id, function, subscription, state, due_at) VALUES (?1,?2,?3,?4,?5)",
      InvocationKey(seq: seq, ordinal: invocation.id.ordinal),
      try names.number(.function, organization, invocation.functionID),
      try names.number(.subscription, organization, invocation.subscriptionID),
      Int64(invocation.state.rawValue), invocation.dueTime(received: trigger.receivedAt))
  }

  /// - Returns: false if the stored one is finished or gone.
  func record(_ invocation: Invocation) throws(SQLiteError) -> Bool {
    let trigger = try connection.first(
      "SELECT seq, received_at FROM triggers WHERE trigger_id = ?1", invocation.id.triggerID
    ) { (seq: $0.integer(0), receivedAt: $0.time(1)) }
    guard let trigger else { return false }
    let key = InvocationKey(seq: trigger.seq, ordinal: invocation.id.ordinal)
    try connection.run(
      "UPDATE invocations SET state = ?2, due_at = ?3 WHERE id = ?1 AND due_at IS NOT NULL",
      key, Int64(invocation.state.rawValue), invocation.dueTime(received: trigger.receivedAt))
    guard connection.changedRows == 1 else { return false }
    try connection.run(
      "INSERT OR REPLACE INTO outcomes (id, outcome) VALUES (?1, ?2)",
      key, InvocationOutcome(of: invocation).encoded())
    return true
  }
}

extension Invocation {
  /// What is stored as `due_at`: "at once" is the moment of acceptance, so that work is done in the
  /// order of its age and a retry doesn't wait behind everything new. Nil when finished.
  fileprivate func dueTime(received: Timestamp) -> Timestamp? {
    state.isTerminal ? nil : nextAttemptTime ?? received
  }

  /// Columns as in `InvocationTable.invocation`.
  fileprivate init(row: Row, ordinal: Int) throws(SQLiteError) {
    self.init()
    id = InvocationID(triggerID: try row.uniqueID(0), ordinal: ordinal)
    subscriptionID = row.text(2)
    functionID = row.text(3)
    state = try row.state(4)
    let received = row.time(1)
    nextAttemptTime = row.timeIfAny(5).flatMap { $0 == received ? nil : $0 }
    guard !row.isNull(6) else { return }
    let outcome = try row.withBytes(6) { (bytes) throws(SQLiteError) in
      try InvocationOutcome(decoding: bytes)
    }
    attempts = outcome.attempts
    output = outcome.output
    logs = outcome.logs
    error = outcome.error
  }
}
