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
        SELECT 1 FROM invocations WHERE function = names.id AND due_at IS NOT NULL AND hold = 0)
      ORDER BY organization, name
      """
    ) { Lane(Organization(unchecked: $0.text(0)), $0.text(1)) }
  }

  func due(
    _ lane: Lane, at now: Timestamp, limit: Int, without running: Set<InvocationID>
  ) throws(SQLiteError) -> DueWork {
    let number = try Names.find(.function, lane.organization, lane.functionID, on: connection)
    guard let function = number else { return DueWork() }
    var work = DueWork(nextDueTime: try nextDueTime(function, after: now))
    let triggers = TriggerTable(connection: connection)
    let invocations = InvocationTable(connection: connection)
    let groups = GroupTable(connection: connection)
    for key in try dueKeys(function, at: now, limit: limit, without: running) {
      guard let invocation = try invocations.invocation(key) else { continue }
      let input = invocation.groupID.isEmpty ? nil : try groups.input(key)
      work.assignments.append(
        Assignment(try triggers.trigger(key.seq), invocation, input: input))
    }
    return work
  }

  private struct Candidate {
    var key: InvocationKey
    var trigger: UniqueID
    var due: Timestamp

    var order: (Timestamp, Int64, Int) { (due, key.seq, key.ordinal) }
  }

  /// Without the payloads, so that leaving out what runs costs little.
  private func dueKeys(
    _ function: Int64, at now: Timestamp, limit: Int, without running: Set<InvocationID>
  ) throws(SQLiteError) -> [InvocationKey] {
    let candidates = try connection.all(
      """
      SELECT id, (SELECT trigger_id FROM triggers WHERE seq = id >> 10), due_at FROM invocations
      WHERE function = ?1 AND due_at <= ?2 AND hold = 0
      ORDER BY due_at, id LIMIT ?3
      """, function, now, max(0, limit) + running.count
    ) { (row) throws(SQLiteError) in
      Candidate(
        key: InvocationKey(rowID: row.integer(0)), trigger: try row.uniqueID(1), due: row.time(2))
    }
    let chosen = candidates.lazy.filter {
      !running.contains(InvocationID(triggerID: $0.trigger, ordinal: $0.key.ordinal))
    }.prefix(max(0, limit))
    // By ordinal among those of a trigger. Here and not in SQL, which would sort everything that is
    // due at one moment for every page of it.
    return chosen.sorted { $0.order < $1.order }.map(\.key)
  }

  private func nextDueTime(_ function: Int64, after now: Timestamp) throws(SQLiteError)
    -> Timestamp?
  {
    try connection.first(
      """
      SELECT due_at FROM invocations WHERE function = ?1 AND due_at > ?2 AND hold = 0
      ORDER BY due_at LIMIT 1
      """, function, now
    ) { $0.time(0) }
  }
}
