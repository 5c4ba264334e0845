import EventCore

/// Invocations that are held because their subscription is paused.
///
/// A subscription that is resumed or deleted is written down in the same commit (`resumed`), and so
/// is one that an invocation was held for after that: what is held is always found again, and
/// releasing looks at nothing that stays.
struct PauseTable {
  let connection: Connection

  func isPaused(
    _ subscriptionID: String, in organization: Organization
  ) throws(SQLiteError) -> Bool {
    try connection.first(
      """
      SELECT json_extract(body, '$.isPaused') FROM definitions
      WHERE organization = ?1 AND kind = 'subscription' AND id = ?2
      """, organization.name, subscriptionID
    ) { $0.integer(0) != 0 } ?? false
  }

  /// Whether something is held for it.
  ///
  /// - Parameter subscription: its number in `names`.
  func holds(_ subscription: Int64) throws(SQLiteError) -> Bool {
    try !held(subscription, limit: 1).isEmpty
  }

  func noteResumed(_ subscription: Int64) throws(SQLiteError) {
    try connection.run("INSERT OR IGNORE INTO resumed VALUES (?1)", subscription)
  }

  func park(
    _ id: InvocationID, in organization: Organization
  ) throws(SQLiteError) -> Bool {
    guard let seq = try TriggerTable(connection: connection).seq(id.triggerID, in: organization)
    else { return false }
    let table = InvocationTable(connection: connection)
    guard let row = try table.row(InvocationKey(seq: seq, ordinal: id.ordinal)),
      !row.state.isTerminal
    else { return false }
    let subscription = try name(row.subscription)
    guard try isPaused(subscription.id, in: organization) else { return false }
    try table.setHolds(row.holds.union(.pause), row.key)
    return true
  }

  func unpark(limit: Int) throws(SQLiteError) -> Upkeep {
    var upkeep = Upkeep()
    var lanes: [Organization: Set<Lane>] = [:]
    var room = limit
    while room > 0, let subscription = try firstResumed() {
      let name = try name(subscription)
      let isPaused = try isPaused(name.id, in: name.organization)
      let held = isPaused ? [] : try held(subscription, limit: room)
      // A subscription that has nothing costs a look, too.
      room -= max(1, held.count)
      upkeep.count += held.count
      lanes[name.organization, default: []].formUnion(try release(held))
      let hasMore = try holds(subscription)
      if isPaused || !hasMore { try forget(subscription) }
    }
    upkeep.consequences = lanes.filter { !$0.value.isEmpty }.map {
      Consequences(in: $0.key, lanes: $0.value)
    }
    if try firstResumed() != nil { upkeep.next = Timestamp(nanoseconds: .min) }
    return upkeep
  }

  private func release(_ rows: [InvocationRow]) throws(SQLiteError) -> Set<Lane> {
    var functions: Set<Int64> = []
    for row in rows {
      let holds = row.holds.subtracting(.pause)
      try InvocationTable(connection: connection).setHolds(holds, row.key)
      if holds.isEmpty { functions.insert(row.function) }
    }
    var lanes: Set<Lane> = []
    for function in functions { lanes.insert(try Names.lane(ofFunction: function, on: connection)) }
    return lanes
  }

  private func held(_ subscription: Int64, limit: Int) throws(SQLiteError) -> [InvocationRow] {
    try connection.all(
      """
      SELECT id, function, subscription, state, hold, ordering_key, grp, revision FROM invocations
      WHERE subscription = ?1 AND hold & 4 <> 0 ORDER BY id LIMIT ?2
      """, subscription, limit, as: InvocationRow.init(row:))
  }

  private func firstResumed() throws(SQLiteError) -> Int64? {
    try connection.first("SELECT subscription FROM resumed ORDER BY subscription LIMIT 1") {
      $0.integer(0)
    }
  }

  private func forget(_ subscription: Int64) throws(SQLiteError) {
    try connection.run("DELETE FROM resumed WHERE subscription = ?1", subscription)
  }

  private func name(
    _ subscription: Int64
  ) throws(SQLiteError) -> (organization: Organization, id: String) {
    let name = try connection.first(
      "SELECT organization, name FROM names WHERE id = ?1", subscription
    ) { (organization: Organization(unchecked: $0.text(0)), id: $0.text(1)) }
    guard let name else { throw .damaged("the name \(subscription) is gone") }
    return name
  }
}
