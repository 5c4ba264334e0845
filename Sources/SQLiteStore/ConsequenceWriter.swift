import EventCore

/// Changes invocations of one trigger and draws what follows from it, inside the writer's
/// transaction: the next one of an ordering key is released, groups decide over their members, the
/// log tells, a trigger that has finished is noted for retention.
///
/// `finish` must be called last.
struct ConsequenceWriter {
  let session: WriteSession
  let trigger: TriggerPlace
  let now: Timestamp
  let running: RunningCheck
  private(set) var consequences: Consequences
  private var hasEnded = false
  /// How the trigger ended, as far as it is known without reading.
  private var ending: InvocationTable.Ending?
  private let isRecent: Bool

  private let invocations: InvocationTable
  private let groups: GroupTable

  init(
    _ session: WriteSession, _ trigger: TriggerPlace, at now: Timestamp,
    running: @escaping RunningCheck
  ) {
    self.session = session
    self.trigger = trigger
    self.now = now
    self.running = running
    consequences = Consequences(in: trigger.organization)
    isRecent = session.recent[trigger.id] != nil
    invocations = InvocationTable(connection: session.connection)
    groups = GroupTable(connection: session.connection)
  }

  // MARK: One invocation

  /// Replaces an unfinished invocation; its group is the caller's matter (`decide`).
  ///
  /// - Parameter withResults: tell its output and logs, too.
  mutating func change(
    _ row: InvocationRow, to invocation: Invocation, withResults: Bool = false
  ) throws(SQLiteError) {
    var next = row
    next.state = invocation.state
    if next.state.isTerminal {
      next.holds = []
      next.orderingKey = nil
    }
    try write(&next, invocation, withResults: withResults)
    guard next.state.isTerminal else { return }
    hasEnded = true
    try session.backlog.add(-1, to: row.function, of: trigger.organizationNumber)
    if let orderingKey = row.orderingKey, !row.holds.contains(.order) {
      try releaseNext(row.subscription, orderingKey)
    }
  }

  /// Ends an unfinished invocation without an outcome of its own.
  mutating func end(
    _ row: InvocationRow, _ state: Invocation.State, _ error: InvocationError
  ) throws(SQLiteError) {
    let old = try invocation(row.key)
    try change(row, to: old.ended(state, error, at: now, stopping: running(old.id)))
  }

  /// Takes a finished invocation up again.
  ///
  /// - Parameter orderingKey: its trigger's; nil for none.
  mutating func redrive(
    _ row: InvocationRow, orderingKey: String?, holds: Invocation.Holds
  ) throws(SQLiteError) {
    let old = try invocation(row.key)
    var next = row
    next.state = .pending
    next.orderingKey = orderingKey
    next.holds = holds
    if let orderingKey, try invocations.first(row.subscription, orderingKey) != nil {
      next.holds.insert(.order)
    }
    try write(&next, old.redriven(at: now), withResults: false)
    try session.backlog.add(1, to: row.function, of: trigger.organizationNumber)
    try noteRunnable(next)
  }

  /// Adds a hold, of which nobody is told.
  func hold(_ row: InvocationRow, for hold: Invocation.Holds) throws(SQLiteError) {
    try invocations.setHolds(row.holds.union(hold), row.key)
  }

  private mutating func write(
    _ row: inout InvocationRow, _ invocation: Invocation, withResults: Bool
  ) throws(SQLiteError) {
    row.revision += 1
    var told = invocation
    told.revision = row.revision
    told.holds = row.holds
    let place = try session.changes.append(
      row.key, organization: trigger.organizationNumber, at: now)
    try invocations.update(row, place: place, dueTime: try dueTime(of: invocation))
    if isRecent { ending = session.recent.change(row, of: trigger.id, place: place) }
    try invocations.writeOutcome(of: invocation, row.key)
    if !withResults { (told.output, told.logs) = (nil, []) }
    consequences.changed.append(told)
  }

  /// Nil once it is finished.
  private func dueTime(of invocation: Invocation) throws(SQLiteError) -> Timestamp? {
    if invocation.state.isTerminal { return nil }
    if let time = invocation.nextAttemptTime { return time }
    return try TriggerTable(connection: session.connection).trigger(trigger.seq).dueTime
  }

  // MARK: What follows

  /// The oldest one that waits for a key comes next, also if it is another trigger's.
  private mutating func releaseNext(
    _ subscription: Int64, _ orderingKey: String
  ) throws(SQLiteError) {
    guard let next = try invocations.first(subscription, orderingKey) else { return }
    try release(next, from: .order)
  }

  private mutating func release(
    _ row: InvocationRow, from hold: Invocation.Holds
  ) throws(SQLiteError) {
    var row = row
    guard row.holds.remove(hold) != nil else { return }
    try invocations.setHolds(row.holds, row.key)
    try noteRunnable(row)
  }

  private mutating func noteRunnable(_ row: InvocationRow) throws(SQLiteError) {
    guard row.holds.isEmpty else { return }
    consequences.lanes.insert(try Names.lane(ofFunction: row.function, on: session.connection))
  }

  /// Something else became due with it.
  mutating func add(_ lanes: some Sequence<Lane>) { consequences.lanes.formUnion(lanes) }

  /// Lets a group decide over the others after one of its members has finished. Each decision ends
  /// or releases a member, so it comes to an end.
  mutating func decide(_ group: Int64) throws(SQLiteError) {
    guard let stored = try groups.stored(trigger.seq, group: group) else { return }
    var members = try groups.members(of: stored.plan, trigger, running: running)
    while true {
      let decisions = stored.plan.next(members)
      if decisions.isEmpty { break }
      for decision in decisions { try apply(decision, stored.plan) }
      members = try groups.members(of: stored.plan, trigger, running: running)
    }
    if stored.plan.deadline != nil, members.allSatisfy(\.state.isTerminal) {
      try groups.dropDeadline(stored)
    }
  }

  private mutating func apply(
    _ decision: GroupPlan.Decision, _ plan: GroupPlan
  ) throws(SQLiteError) {
    switch decision {
    case .release(let member):
      try release(try row(plan.members[member]), from: .group)
    case .skip(let member):
      try end(try row(plan.members[member]), .skipped, .skippedByGroup)
    case .cancel(let member):
      try end(try row(plan.members[member]), .cancelled, .cancelledByGroup)
    }
  }

  private func invocation(_ key: InvocationKey) throws(SQLiteError) -> Invocation {
    guard let invocation = try invocations.invocation(key) else {
      throw .damaged("invocation \(key.rowID) is gone")
    }
    return invocation
  }

  func row(_ ordinal: Int) throws(SQLiteError) -> InvocationRow {
    let key = InvocationKey(seq: trigger.seq, ordinal: ordinal)
    guard let row = try invocations.row(key) else {
      throw .damaged("invocation \(key.rowID) is gone")
    }
    return row
  }

  /// Notes the trigger for retention if nothing of it is left to do.
  func finish() throws(SQLiteError) -> Consequences {
    let ending = hasEnded && !isRecent ? try invocations.ending(trigger.seq) : ending
    if hasEnded, let ending {
      try session.retention.note(
        trigger.seq, event: trigger.event, ending.hasFailed ? .deadLetter : .plain, at: now,
        place: ending.place)
    }
    return consequences
  }
}
