import EventCore

/// Takes triggers in, inside the writer's transaction.
struct TriggerIntake {
  let session: WriteSession

  private var names: Names { session.names }
  private var triggers: TriggerTable { TriggerTable(connection: session.connection) }
  private var invocations: InvocationTable { InvocationTable(connection: session.connection) }

  /// Unless the same request came before, or too much is unfinished.
  func accept(_ plan: TriggerPlan) throws(SQLiteError) -> AcceptOutcome {
    let trigger = plan.trigger
    let organization = try names.number(.organization, trigger.organization)
    // Also finds what came earlier in the same transaction.
    if !trigger.requestID.isEmpty,
      let first = try triggers.seq(ofRequest: trigger.requestID, in: organization)
    {
      return try repeated(trigger, first)
    }
    if let refusal = try full(plan) {
      return try triggers.place(trigger.triggerID) == nil ? refusal : try sameID(as: trigger)
    }
    guard let taken = try insert(plan) else { return try sameID(as: trigger) }
    return .accepted(held: taken.held)
  }

  /// A dead letter's trigger: the first of a chain whatever is unfinished, those that follow from it
  /// only as far as there is room, or a few that lead to each other could fill the disk. One that is
  /// left out stays in the list of dead letters.
  ///
  /// - Returns: where there is something to do now.
  func acceptDeadLetter(_ plan: TriggerPlan) throws(SQLiteError) -> Set<Lane> {
    if plan.trigger.deadLetterHops > 1, try full(plan) != nil { return [] }
    guard let taken = try insert(plan) else { return [] }
    let runnable = plan.invocations.filter {
      !$0.state.isTerminal && $0.holds.isEmpty && !taken.held.contains($0.id.ordinal)
    }
    return Set(runnable.map { Lane(plan.trigger.organization, $0.functionID) })
  }

  // MARK: Refusals

  private func repeated(_ trigger: Trigger, _ seq: Int64) throws(SQLiteError) -> AcceptOutcome {
    let first = try triggers.stored(seq)
    return first.trigger.isSameRequest(as: trigger)
      ? .duplicate(first) : .conflict(first.trigger.triggerID)
  }

  /// The caller tries a trigger again that it didn't see committed.
  private func sameID(as trigger: Trigger) throws(SQLiteError) -> AcceptOutcome {
    guard let seq = try triggers.seq(trigger.triggerID, in: trigger.organization) else {
      return .conflict(trigger.triggerID)
    }
    return try repeated(trigger, seq)
  }

  private func full(_ plan: TriggerPlan) throws(SQLiteError) -> AcceptOutcome? {
    let organization = try names.number(.organization, plan.trigger.organization)
    let functions = try unfinishedFunctions(plan)
    switch try session.backlog.room(for: functions, of: organization) {
    case .enough: return nil
    case .full: return .full(.gateway)
    case .fullOrganization: return .full(.organization)
    case .fullFunction(let function):
      let lane = try Names.lane(ofFunction: function, on: session.connection)
      return .full(.function(lane.functionID))
    }
  }

  private func unfinishedFunctions(_ plan: TriggerPlan) throws(SQLiteError) -> [Int64] {
    var functions: [Int64] = []
    for invocation in plan.invocations where !invocation.state.isTerminal {
      functions.append(
        try names.number(.function, plan.trigger.organization, invocation.functionID))
    }
    return functions
  }

  // MARK: Writing

  /// Nil if there is a trigger of the same id.
  private func insert(_ plan: TriggerPlan) throws(SQLiteError) -> (seq: Int64, held: Set<Int>)? {
    let trigger = plan.trigger
    let organization = try names.number(.organization, trigger.organization)
    let event = try names.number(.event, trigger.organization, trigger.event)
    let seq = try triggers.insert(trigger, organization: organization, event: event)
    guard let seq else { return nil }
    var held: Set<Int> = []
    var rows: [InvocationRow] = []
    rows.reserveCapacity(plan.invocations.count)
    // Backwards, as that is the order of their keys: each goes to the end of the table.
    for invocation in plan.invocations.reversed() {
      let row = try insert(invocation, of: trigger, seq, organization)
      if row.holds.contains(.order) { held.insert(invocation.id.ordinal) }
      rows.append(row)
    }
    if plan.groups.isEmpty, trigger.orderingKey.isEmpty, !rows.isEmpty,
      rows.allSatisfy({ !$0.state.isTerminal && $0.holds.isEmpty })
    {
      let place = TriggerPlace(trigger, seq: seq, organization: organization, event: event)
      session.recent.add(place, rows.reversed())
    }
    for (number, group) in plan.groups.enumerated() {
      let isFinished = group.members.allSatisfy { plan.invocations[$0].state.isTerminal }
      try GroupTable(connection: session.connection).insert(
        group, seq: seq, number: number,
        group: try names.number(.group, trigger.organization, group.groupID),
        isFinished: isFinished)
    }
    try noteIfFinished(plan, seq, event: event)
    session.noteReceived(trigger, seq: seq, event: event)
    return (seq, held)
  }

  /// - Returns: the row, which may have to wait for the order of its key.
  private func insert(
    _ invocation: Invocation, of trigger: Trigger, _ seq: Int64, _ owner: Int64
  ) throws(SQLiteError) -> InvocationRow {
    let organization = trigger.organization
    var row = InvocationRow(
      invocation, invocation.holds, InvocationKey(seq: seq, ordinal: invocation.id.ordinal),
      function: try names.number(.function, organization, invocation.functionID),
      subscription: try names.number(.subscription, organization, invocation.subscriptionID))
    if !invocation.groupID.isEmpty {
      row.group = try names.number(.group, organization, invocation.groupID)
    }
    if invocation.state.isTerminal {
      row.holds = []
    } else {
      try session.backlog.add(1, to: row.function, of: owner)
      if !trigger.orderingKey.isEmpty {
        row.orderingKey = trigger.orderingKey
        let first = try invocations.first(row.subscription, trigger.orderingKey)
        if first != nil { row.holds.insert(.order) }
      }
      if row.holds.contains(.pause) { try checkPause(invocation, organization) }
    }
    try invocations.insert(
      row, dueTime: row.state.isTerminal ? nil : invocation.nextAttemptTime ?? trigger.dueTime,
      priority: invocation.priority)
    try invocations.writeOutcome(of: invocation, row.key)
    return row
  }

  /// Its subscription may have been resumed since the plan was made.
  private func checkPause(
    _ invocation: Invocation, _ organization: Organization
  ) throws(SQLiteError) {
    let pauses = PauseTable(connection: session.connection)
    guard try !pauses.isPaused(invocation.subscriptionID, in: organization) else { return }
    try pauses.noteResumed(
      try names.number(.subscription, organization, invocation.subscriptionID))
  }

  private func noteIfFinished(
    _ plan: TriggerPlan, _ seq: Int64, event: Int64
  ) throws(SQLiteError) {
    guard plan.invocations.allSatisfy(\.state.isTerminal) else { return }
    let hasFailed = plan.invocations.contains { $0.state == .failed }
    try session.retention.note(
      seq, event: event, hasFailed ? .deadLetter : .plain,
      at: plan.trigger.replayTime ?? plan.trigger.receivedAt, place: 0)
  }
}
