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
      SELECT t.trigger_id, t.received_at, s.name, f.name, i.state, i.due_at, o.outcome, i.hold,
        i.revision, g.name, i.rank
      FROM invocations i
      JOIN triggers t ON t.seq = ?2
      JOIN names s ON s.id = i.subscription
      JOIN names f ON f.id = i.function
      LEFT JOIN names g ON g.id = i.grp
      LEFT JOIN outcomes o ON o.id = ?1
      WHERE i.id = ?1
      """, key, key.seq
    ) { (row) throws(SQLiteError) in try Invocation(row: row, ordinal: key.ordinal) }
  }

  /// What the writer needs to know of it; nil if there is none.
  func row(_ key: InvocationKey) throws(SQLiteError) -> InvocationRow? {
    try connection.first(
      """
      SELECT id, function, subscription, state, hold, ordering_key, grp, revision FROM invocations
      WHERE id = ?1
      """, key, as: InvocationRow.init(row:))
  }

  /// The unfinished ones of a trigger, by ordinal.
  func unfinished(_ seq: Int64) throws(SQLiteError) -> [InvocationRow] {
    let range = InvocationKey.range(ofTrigger: seq)
    return try connection.all(
      """
      SELECT id, function, subscription, state, hold, ordering_key, grp, revision FROM invocations
      WHERE id BETWEEN ?1 AND ?2 AND due_at IS NOT NULL ORDER BY id DESC
      """, range.first, range.last, as: InvocationRow.init(row:))
  }

  /// How a trigger's invocations ended; nil if one has not.
  func ending(_ seq: Int64) throws(SQLiteError) -> Ending? {
    let range = InvocationKey.range(ofTrigger: seq)
    // From the end: those that finish last are there, and one is enough.
    let isUnfinished = try connection.first(
      """
      SELECT 1 FROM invocations WHERE id BETWEEN ?1 AND ?2 AND due_at IS NOT NULL
      ORDER BY id DESC LIMIT 1
      """, range.first, range.last
    ) { _ in true }
    guard isUnfinished == nil else { return nil }
    return try connection.first(
      """
      SELECT ifnull(max(state = 5), FALSE), ifnull(max(place), 0) FROM invocations
      WHERE id BETWEEN ?1 AND ?2
      """, range.first, range.last
    ) { Ending(hasFailed: $0.integer(0) != 0, place: $0.integer(1)) }
  }

  struct Ending {
    var hasFailed: Bool
    /// The newest of its changes; 0 if there are none.
    var place: Int64
  }

  // MARK: Order of keys

  /// The oldest unfinished one of a key.
  func first(
    _ subscription: Int64, _ orderingKey: String
  ) throws(SQLiteError) -> InvocationRow? {
    try connection.first(
      """
      SELECT id, function, subscription, state, hold, ordering_key, grp, revision FROM invocations
      WHERE subscription = ?1 AND ordering_key = ?2 ORDER BY id LIMIT 1
      """, subscription, orderingKey, as: InvocationRow.init(row:))
  }

  // MARK: Writing

  /// - Parameter dueTime: nil if it is finished.
  func insert(
    _ row: InvocationRow, dueTime: Timestamp?, priority: Int32
  ) throws(SQLiteError) {
    try connection.run(
      """
      INSERT INTO invocations (id, function, subscription, state, due_at, hold, ordering_key, grp,
        revision, rank)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      """, row.key, row.function, row.subscription, Int64(row.state.rawValue), dueTime,
      Int64(row.holds.rawValue), row.orderingKey, row.group, Int64(row.revision),
      -Int64(priority))
  }

  /// - Parameter dueTime: nil if it is finished.
  func update(
    _ row: InvocationRow, place: Int64, dueTime: Timestamp?
  ) throws(SQLiteError) {
    try connection.run(
      """
      UPDATE invocations
      SET state = ?2, due_at = ?3, hold = ?4, ordering_key = ?5, revision = ?6, place = ?7
      WHERE id = ?1
      """, row.key, Int64(row.state.rawValue), dueTime, Int64(row.holds.rawValue), row.orderingKey,
      Int64(row.revision), place)
  }

  func setHolds(_ holds: Invocation.Holds, _ key: InvocationKey) throws(SQLiteError) {
    try connection.run(
      "UPDATE invocations SET hold = ?2 WHERE id = ?1", key, Int64(holds.rawValue))
  }

  func writeOutcome(of invocation: Invocation, _ key: InvocationKey) throws(SQLiteError) {
    let outcome = InvocationOutcome(of: invocation)
    guard !outcome.isImplied(by: invocation.state) else { return }
    try connection.run(
      "INSERT OR REPLACE INTO outcomes (id, outcome) VALUES (?1, ?2)", key, outcome.encoded())
  }

  func deleteAll(_ seq: Int64) throws(SQLiteError) {
    let range = InvocationKey.range(ofTrigger: seq)
    try connection.run(
      "DELETE FROM outcomes WHERE id BETWEEN ?1 AND ?2", range.first, range.last)
    try connection.run(
      "DELETE FROM invocations WHERE id BETWEEN ?1 AND ?2", range.first, range.last)
  }
}

extension Invocation {
  /// Columns as in `InvocationTable.invocation`.
  fileprivate init(row: Row, ordinal: Int) throws(SQLiteError) {
    self.init()
    id = InvocationID(triggerID: try row.uniqueID(0), ordinal: ordinal)
    subscriptionID = row.text(2)
    functionID = row.text(3)
    state = try row.state(4)
    let received = row.time(1)
    // "At once" is stored as the moment of acceptance, so that work is done in the order of its age
    // and a retry doesn't wait behind everything new.
    nextAttemptTime = row.timeIfAny(5).flatMap { $0 == received ? nil : $0 }
    holds = row.holds(7)
    revision = Int32(truncatingIfNeeded: row.integer(8))
    groupID = row.text(9)
    priority = -Int32(truncatingIfNeeded: row.integer(10))
    guard !row.isNull(6) else {
      if state == .skipped { error = .skippedByGroup }
      return
    }
    let outcome = try row.withBytes(6) { (bytes) throws(SQLiteError) in
      try InvocationOutcome(decoding: bytes)
    }
    attempts = outcome.attempts
    output = outcome.output
    logs = outcome.logs
    error = outcome.error
    redrive = outcome.redrive
  }
}
