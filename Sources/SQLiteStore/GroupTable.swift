import EventCore

/// The groups of triggers, as they were accepted.
struct GroupTable {
  let connection: Connection

  // MARK: Reading

  /// All of a trigger, in the order of its `TriggerPlan`.
  func plans(_ seq: Int64) throws(SQLiteError) -> [GroupPlan] {
    try connection.all(
      "SELECT plan FROM trigger_groups WHERE seq = ?1 ORDER BY number", seq
    ) { (row) throws(SQLiteError) in try row.groupPlan(0) }
  }

  /// - Parameter group: its number in `names`.
  func stored(_ seq: Int64, group: Int64) throws(SQLiteError) -> StoredGroup? {
    try connection.first(
      "SELECT number, plan FROM trigger_groups WHERE seq = ?1 AND grp = ?2", seq, group
    ) { (row) throws(SQLiteError) in
      StoredGroup(seq: seq, number: row.integer(0), plan: try row.groupPlan(1))
    }
  }

  /// What a decision about a group needs to know of its members, in their order.
  ///
  /// - Parameter place: the group's trigger.
  func members(
    of plan: GroupPlan, _ place: TriggerPlace, running: RunningCheck
  ) throws(SQLiteError) -> [GroupPlan.Member] {
    var members: [GroupPlan.Member] = []
    for ordinal in plan.members {
      let key = InvocationKey(seq: place.seq, ordinal: ordinal)
      var member = try member(key)
      if !member.state.isTerminal, !member.hasStarted {
        member.hasStarted = running(place.invocationID(key)) != nil
      }
      members.append(member)
    }
    return members
  }

  /// Only a PENDING one that was taken up again can have had an attempt: then it has an outcome.
  private func member(_ key: InvocationKey) throws(SQLiteError) -> GroupPlan.Member {
    let member = try connection.first(
      """
      SELECT state, hold,
        CASE WHEN state = 1 THEN (SELECT outcome FROM outcomes WHERE id = ?1) END
      FROM invocations WHERE id = ?1
      """, key
    ) { (row) throws(SQLiteError) in
      var member = GroupPlan.Member(try row.state(0), isHeld: row.holds(1).contains(.group))
      member.hasStarted = member.state == .retrying
      guard !row.isNull(2) else { return member }
      member.hasStarted = try row.withBytes(2) { (bytes) throws(SQLiteError) in
        try !InvocationOutcome(decoding: bytes).attempts.isEmpty
      }
      return member
    }
    guard let member else { throw .damaged("invocation \(key.rowID) is gone") }
    return member
  }

  /// The members' states, in their order.
  func states(of plan: GroupPlan, seq: Int64) throws(SQLiteError) -> [Invocation.State] {
    var states: [Invocation.State] = []
    for ordinal in plan.members {
      let state = try connection.first(
        "SELECT state FROM invocations WHERE id = ?1", InvocationKey(seq: seq, ordinal: ordinal)
      ) { (row) throws(SQLiteError) in try row.state(0) }
      guard let state else { throw .damaged("member \(ordinal) of trigger \(seq) is gone") }
      states.append(state)
    }
    return states
  }

  /// What a member gets instead of the trigger's payload: another one's output.
  func input(_ key: InvocationKey) throws(SQLiteError) -> Output? {
    let group = try connection.first("SELECT grp FROM invocations WHERE id = ?1", key) {
      $0.isNull(0) ? nil : $0.integer(0)
    }
    guard let group, let group, let plan = try stored(key.seq, group: group)?.plan,
      plan.pipesOutput, let member = plan.members.firstIndex(of: key.ordinal),
      let source = plan.source(of: member, try states(of: plan, seq: key.seq))
    else { return nil }
    let sourceKey = InvocationKey(seq: key.seq, ordinal: plan.members[source])
    return try InvocationTable(connection: connection).invocation(sourceKey)?.output
  }

  /// The earliest first.
  func expired(at now: Timestamp, limit: Int) throws(SQLiteError) -> [StoredGroup] {
    try connection.all(
      """
      SELECT number, plan, seq FROM trigger_groups WHERE deadline <= ?1
      ORDER BY deadline LIMIT ?2
      """, now, limit
    ) { (row) throws(SQLiteError) in
      StoredGroup(seq: row.integer(2), number: row.integer(0), plan: try row.groupPlan(1))
    }
  }

  var earliestDeadline: Timestamp? {
    get throws(SQLiteError) {
      try connection.first(
        """
        SELECT deadline FROM trigger_groups WHERE deadline IS NOT NULL ORDER BY deadline LIMIT 1
        """
      ) { $0.time(0) }
    }
  }

  // MARK: Writing

  /// - Parameter isFinished: all its members are; then no deadline is kept.
  func insert(
    _ plan: GroupPlan, seq: Int64, number: Int, group: Int64, isFinished: Bool
  ) throws(SQLiteError) {
    try connection.run(
      "INSERT INTO trigger_groups (seq, number, grp, plan, deadline) VALUES (?1, ?2, ?3, ?4, ?5)",
      seq, number, group, plan.encoded(), isFinished ? nil : plan.deadline)
  }

  /// It has finished, and needs no deadline any more.
  func dropDeadline(_ group: StoredGroup) throws(SQLiteError) {
    try connection.run(
      "UPDATE trigger_groups SET deadline = NULL WHERE seq = ?1 AND number = ?2",
      group.seq, group.number)
  }

  func replace(_ group: StoredGroup) throws(SQLiteError) {
    try connection.run(
      "UPDATE trigger_groups SET plan = ?3, deadline = ?4 WHERE seq = ?1 AND number = ?2",
      group.seq, group.number, group.plan.encoded(), group.plan.deadline)
  }

  func deleteAll(_ seq: Int64) throws(SQLiteError) {
    try connection.run("DELETE FROM trigger_groups WHERE seq = ?1", seq)
  }
}

struct StoredGroup {
  var seq: Int64
  /// Its place in the trigger's plan.
  var number: Int64
  var plan: GroupPlan
}
