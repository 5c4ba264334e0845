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
    _ lane: Lane, at now: Timestamp, limit: Int, without known: Set<InvocationID>,
    _ order: DueOrder
  ) throws(SQLiteError) -> DueWork {
    let number = try Names.find(.function, lane.organization, lane.functionID, on: connection)
    guard let function = number else { return DueWork() }
    var work = DueWork()
    var due: [DueKey] = []
    for rank in try ranks(function, order) {
      // By priority what comes later is not needed once there is enough.
      let room = order == .age ? limit : limit - due.count
      due += try dueKeys(function, rank, at: now, limit: max(0, room), without: known)
      let next = try nextDueTime(function, rank, after: now)
      work.nextDueTime = [work.nextDueTime, next].compactMap(\.self).min()
    }
    if order == .age { due.sort { $0.order < $1.order } }
    for key in due.prefix(max(0, limit)) { work.assignments += try assignment(key.key) }
    return work
  }

  /// Empty if it is gone since it was found.
  private func assignment(_ key: InvocationKey) throws(SQLiteError) -> [Assignment] {
    let table = InvocationTable(connection: connection)
    guard let invocation = try table.invocation(key) else { return [] }
    let groups = GroupTable(connection: connection)
    let input = invocation.groupID.isEmpty ? nil : try groups.input(key)
    let trigger = try TriggerTable(connection: connection).trigger(key.seq)
    return [Assignment(trigger, invocation, input: input)]
  }

  /// The ranks of what is unfinished and not held, the highest priority first. A look into the index
  /// for each.
  private func ranks(_ function: Int64, _ order: DueOrder) throws(SQLiteError) -> [Int64] {
    var ranks: [Int64] = []
    let end: Int64 = if case .priority(let above?) = order { -Int64(above) } else { .max }
    while true {
      let next = try connection.first(
        """
        SELECT rank FROM invocations
        WHERE function = ?1 AND rank > ?2 AND rank < ?3 AND due_at IS NOT NULL AND hold = 0
        ORDER BY rank LIMIT 1
        """, function, ranks.last ?? .min, end
      ) { $0.integer(0) }
      guard let next else { return ranks }
      ranks.append(next)
    }
  }

  private struct DueKey {
    var key: InvocationKey
    var trigger: UniqueID
    var due: Timestamp

    var order: (Timestamp, Int64, Int) { (due, key.seq, key.ordinal) }
  }

  /// Without the payloads, so that leaving out what is known costs little.
  private func dueKeys(
    _ function: Int64, _ rank: Int64, at now: Timestamp, limit: Int,
    without known: Set<InvocationID>
  ) throws(SQLiteError) -> [DueKey] {
    guard limit > 0 else { return [] }
    let candidates = try connection.all(
      """
      SELECT id, (SELECT trigger_id FROM triggers WHERE seq = id >> 10), due_at FROM invocations
      WHERE function = ?1 AND rank = ?2 AND due_at <= ?3 AND hold = 0
      ORDER BY due_at, id LIMIT ?4
      """, function, rank, now, limit + known.count
    ) { (row) throws(SQLiteError) in
      DueKey(
        key: InvocationKey(rowID: row.integer(0)), trigger: try row.uniqueID(1), due: row.time(2))
    }
    let chosen = candidates.lazy.filter {
      !known.contains(InvocationID(triggerID: $0.trigger, ordinal: $0.key.ordinal))
    }.prefix(limit)
    // By ordinal among those of a trigger. Here and not in SQL, which would sort everything that is
    // due at one moment for every page of it.
    return chosen.sorted { $0.order < $1.order }
  }

  private func nextDueTime(
    _ function: Int64, _ rank: Int64, after now: Timestamp
  ) throws(SQLiteError) -> Timestamp? {
    try connection.first(
      """
      SELECT due_at FROM invocations
      WHERE function = ?1 AND rank = ?2 AND due_at > ?3 AND hold = 0
      ORDER BY due_at LIMIT 1
      """, function, rank, now
    ) { $0.time(0) }
  }
}
