import EventCore

/// What happens to invocations after they were accepted.
extension WriteSession {
  func record(
    _ invocation: Invocation, deadLetter: TriggerPlan?, running: @escaping RunningCheck
  ) throws(SQLiteError) -> Consequences? {
    guard let (trigger, row) = try found(invocation.id), !row.state.isTerminal,
      invocation.revision == row.revision + 1
    else { return nil }
    var writer = ConsequenceWriter(
      self, trigger, at: try time(of: invocation, trigger), running: running)
    try writer.change(row, to: invocation, withResults: true)
    if invocation.state.isTerminal, let group = row.group { try writer.decide(group) }
    if let deadLetter { writer.add(try TriggerIntake(session: self).acceptDeadLetter(deadLetter)) }
    return try writer.finish()
  }

  private func found(
    _ id: InvocationID
  ) throws(SQLiteError) -> (TriggerPlace, InvocationRow)? {
    if let entry = recent[id.triggerID], entry.rows.indices.contains(id.ordinal) {
      return (entry.place, entry.rows[id.ordinal])
    }
    guard let trigger = try TriggerTable(connection: connection).place(id.triggerID) else {
      return nil
    }
    let key = InvocationKey(seq: trigger.seq, ordinal: id.ordinal)
    let row = try InvocationTable(connection: connection).row(key)
    return row.map { (trigger, $0) }
  }

  /// An attempt's end is the time of its outcome.
  private func time(
    of invocation: Invocation, _ trigger: TriggerPlace
  ) throws(SQLiteError) -> Timestamp {
    if let last = invocation.attempts.last { return last.endTime ?? last.startTime }
    return try TriggerTable(connection: connection).trigger(trigger.seq).dueTime
  }

  func cancel(
    _ target: CancelTarget, in organization: Organization, _ error: InvocationError,
    at now: Timestamp, running: @escaping RunningCheck
  ) throws(SQLiteError) -> Consequences? {
    guard let trigger = try TriggerTable(connection: connection).place(target.triggerID),
      trigger.organization == organization, let rows = try unfinished(target, trigger.seq)
    else { return nil }
    recent.forget(trigger.id)
    var writer = ConsequenceWriter(self, trigger, at: now, running: running)
    // All before any group decides: it must not start what is about to be cancelled.
    for row in rows { try writer.end(row, .cancelled, error) }
    for group in Set(rows.compactMap(\.group)) { try writer.decide(group) }
    return try writer.finish()
  }

  /// Nil if there is no such invocation.
  private func unfinished(
    _ target: CancelTarget, _ seq: Int64
  ) throws(SQLiteError) -> [InvocationRow]? {
    let invocations = InvocationTable(connection: connection)
    switch target {
    case .trigger: return try invocations.unfinished(seq)
    case .invocation(let id):
      let row = try invocations.row(InvocationKey(seq: seq, ordinal: id.ordinal))
      return row.map { $0.state.isTerminal ? [] : [$0] }
    }
  }

  // MARK: Upkeep

  func expireGroups(
    at now: Timestamp, limit: Int, running: @escaping RunningCheck
  ) throws(SQLiteError) -> Upkeep {
    var upkeep = Upkeep()
    let groups = GroupTable(connection: connection)
    for group in try groups.expired(at: now, limit: max(0, limit)) {
      let trigger = try TriggerTable(connection: connection).place(group.seq)
      var writer = ConsequenceWriter(self, trigger, at: now, running: running)
      try expire(group, &writer)
      try groups.dropDeadline(group)
      upkeep.consequences.append(try writer.finish())
      upkeep.count += 1
    }
    upkeep.next = try groups.earliestDeadline
    return upkeep
  }

  private func expire(
    _ group: StoredGroup, _ writer: inout ConsequenceWriter
  ) throws(SQLiteError) {
    let members = try GroupTable(connection: connection).members(
      of: group.plan, writer.trigger, running: writer.running)
    for (ordinal, member) in zip(group.plan.members, members) where !member.state.isTerminal {
      let row = try writer.row(ordinal)
      if member.hasStarted {
        try writer.end(row, .failed, .groupTimeout)
      } else {
        try writer.end(row, .skipped, .skippedByGroup)
      }
    }
  }

  func prune(at now: Timestamp, limit: Int) throws(SQLiteError) -> Upkeep {
    var upkeep = Upkeep()
    let triggers = try retention.prune(at: now, limit: max(0, limit))
    let nextChange = try changes.prune(at: now)
    upkeep.count = triggers.count
    upkeep.next = [triggers.next, nextChange].compactMap(\.self).min()
    return upkeep
  }
}

extension CancelTarget {
  fileprivate var triggerID: UniqueID {
    switch self {
    case .trigger(let id): id
    case .invocation(let id): id.triggerID
    }
  }
}
