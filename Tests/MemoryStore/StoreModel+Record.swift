package import EventCore

extension StoreModel {
  package mutating func record(
    _ invocation: Invocation, deadLetter: TriggerPlan?, running: (InvocationID) -> Attempt?
  ) -> Consequences? {
    guard let position = position(of: invocation.id), !self[position].state.isTerminal,
      invocation.revision == self[position].revision + 1
    else { return nil }
    let now = time(of: invocation, position)
    var consequences = Consequences(in: organization(of: position))
    var next = invocation
    next.holds = invocation.state.isTerminal ? [] : self[position].holds
    change(position, to: next, at: now, &consequences)
    // The recorded one is told with all it has.
    consequences.changed[0] = self[position]
    if next.state.isTerminal { decide(for: position, at: now, running, &consequences) }
    if next.state == .failed, let deadLetter, hasRoom(forDeadLetter: deadLetter) {
      add(deadLetter)
      let commit = commits[deadLetter.trigger.triggerID]!
      for ordinal in deadLetter.invocations.indices {
        noteRunnable(Position(commit: commit, ordinal: ordinal), &consequences)
      }
    }
    return consequences
  }

  /// The first of a chain is taken whatever is unfinished.
  private func hasRoom(forDeadLetter plan: TriggerPlan) -> Bool {
    guard commits[plan.trigger.triggerID] == nil else { return false }
    return plan.trigger.deadLetterHops <= 1 || full(plan) == nil
  }

  /// An attempt's end is the time of its outcome.
  private func time(of invocation: Invocation, _ position: Position) -> Timestamp {
    let last = invocation.attempts.last
    return last?.endTime ?? last?.startTime ?? records[position.commit]!.trigger.dueTime
  }

  /// Replaces an invocation by what became of it, and tells so. Finished, it lets the next one of
  /// its ordering key go; its group is the caller's matter.
  mutating func change(
    _ position: Position, to next: Invocation, at now: Timestamp,
    _ consequences: inout Consequences
  ) {
    var next = next
    next.revision = self[position].revision + 1
    write(next, at: position, now)
    note(position, at: now)
    consequences.changed.append(next.withoutResults)
    if next.state.isTerminal { unqueue(position, &consequences) }
  }

  /// Lets the group of a finished member decide over the others.
  mutating func decide(
    for position: Position, at now: Timestamp, _ running: (InvocationID) -> Attempt?,
    _ consequences: inout Consequences
  ) {
    guard let index = records[position.commit]!.group(of: position.ordinal) else { return }
    let plan = records[position.commit]!.groups[index]
    while true {
      let decisions = plan.next(members(of: plan, position.commit, running))
      if decisions.isEmpty { break }
      for decision in decisions {
        apply(decision, plan, position.commit, at: now, running, &consequences)
      }
    }
    closeIfFinished(index, position.commit)
  }

  private mutating func apply(
    _ decision: GroupPlan.Decision, _ plan: GroupPlan, _ commit: Int64, at now: Timestamp,
    _ running: (InvocationID) -> Attempt?, _ consequences: inout Consequences
  ) {
    switch decision {
    case .release(let member):
      release(
        Position(commit: commit, ordinal: plan.members[member]), from: .group, &consequences)
    case .skip(let member):
      let position = Position(commit: commit, ordinal: plan.members[member])
      end(position, .skipped, .skippedByGroup, at: now, running, &consequences)
    case .cancel(let member):
      let position = Position(commit: commit, ordinal: plan.members[member])
      end(position, .cancelled, .cancelledByGroup, at: now, running, &consequences)
    }
  }

  mutating func end(
    _ position: Position, _ state: Invocation.State, _ error: InvocationError, at now: Timestamp,
    _ running: (InvocationID) -> Attempt?, _ consequences: inout Consequences
  ) {
    let old = self[position]
    let next = old.ended(state, error, at: now, stopping: running(old.id))
    change(position, to: next, at: now, &consequences)
  }

  private func members(
    of plan: GroupPlan, _ commit: Int64, _ running: (InvocationID) -> Attempt?
  ) -> [GroupPlan.Member] {
    plan.members.map { ordinal in
      let invocation = records[commit]!.invocations[ordinal]
      return GroupPlan.Member(
        invocation.state, isHeld: invocation.holds.contains(.group),
        hasStarted: hasStarted(invocation, running))
    }
  }

  func hasStarted(_ invocation: Invocation, _ running: (InvocationID) -> Attempt?) -> Bool {
    !invocation.attempts.isEmpty || running(invocation.id) != nil
  }

  /// A group that has its outcome needs its deadline no more.
  private mutating func closeIfFinished(_ index: Int, _ commit: Int64) {
    let plan = records[commit]!.groups[index]
    guard let deadline = plan.deadline, plan.outcome(records[commit]!.states(of: plan)) != nil
    else { return }
    deadlines.remove(
      Appointment(time: deadline, position: Position(commit: commit, ordinal: index)))
  }
}
