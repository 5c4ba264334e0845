import EventCore

/// What is left to do, by function: the index `invocations_due`.
struct WorkIndex {
  let connection: Connection

  /// Looks once into the index for each function name there ever was.
  func lanes() throws(SQLiteError) -> [Lane] {
    try connection.all(
      """
      SELECT organization, name FROM names
      WHERE kind = 3 AND EXISTS (
        SELECT 1 FROM invocations WHERE function = names.id AND due_at IS NOT NULL)
      ORDER BY organization, name
      """
    ) { Lane(Organization(unchecked: $0.text(0)), $0.text(1)) }
  }

  func due(_ lane: Lane, at now: Timestamp, limit: Int) throws(SQLiteError) -> DueWork {
    let number = try Names.find(.function, lane.organization, lane.functionID, on: connection)
    guard let function = number else { return DueWork() }
    var work = DueWork(nextDueTime: try nextDueTime(function, after: now))
    let triggers = TriggerTable(connection: connection)
    let invocations = InvocationTable(connection: connection)
    for key in try dueKeys(function, at: now, limit: limit) {
      guard let invocation = try invocations.invocation(key) else { continue }
      work.assignments.append(Assignment(try triggers.trigger(key.seq), invocation))
    }
    return work
  }

  private func dueKeys(
    _ function: Int64, at now: Timestamp, limit: Int
  ) throws(SQLiteError) -> [InvocationKey] {
    try connection.all(
      """
      SELECT id FROM invocations WHERE function = ?1 AND due_at <= ?2
      ORDER BY due_at, id LIMIT ?3
      """, function, now, max(0, limit)
    ) { InvocationKey(rowID: $0.integer(0)) }
  }

  private func nextDueTime(_ function: Int64, after now: Timestamp) throws(SQLiteError)
    -> Timestamp?
  {
    try connection.first(
      """
      SELECT due_at FROM invocations WHERE function = ?1 AND due_at > ?2
      ORDER BY due_at LIMIT 1
      """, function, now
    ) { $0.time(0) }
  }
}
