package import EventCore

extension StoreModel {
  package mutating func cancel(
    _ target: CancelTarget, in organization: Organization, _ error: InvocationError,
    at now: Timestamp, running: (InvocationID) -> Attempt?
  ) -> Consequences? {
    guard let positions = positions(of: target, in: organization) else { return nil }
    var consequences = Consequences(in: organization)
    let unfinished = positions.filter { !self[$0].state.isTerminal }
    // All before any group decides: it must not start what is about to be cancelled.
    for position in unfinished {
      end(position, .cancelled, error, at: now, running, &consequences)
    }
    for position in unfinished { decide(for: position, at: now, running, &consequences) }
    return consequences
  }

  private func positions(
    of target: CancelTarget, in organization: Organization
  ) -> [Position]? {
    switch target {
    case .invocation(let id):
      return position(of: id, in: organization).map { [$0] }
    case .trigger(let id):
      guard let commit = commits[id], records[commit]!.trigger.organization == organization else {
        return nil
      }
      return records[commit]!.invocations.indices.map { Position(commit: commit, ordinal: $0) }
    }
  }

  package mutating func expireGroups(
    at now: Timestamp, limit: Int, running: (InvocationID) -> Attempt?
  ) -> Upkeep {
    var upkeep = Upkeep()
    while upkeep.count < limit, let next = deadlines.first, next.time <= now {
      deadlines.remove(next)
      upkeep.consequences.append(
        expire(next.position.commit, next.position.ordinal, at: now, running))
      upkeep.count += 1
    }
    upkeep.next = deadlines.first?.time
    return upkeep
  }

  private mutating func expire(
    _ commit: Int64, _ group: Int, at now: Timestamp, _ running: (InvocationID) -> Attempt?
  ) -> Consequences {
    var consequences = Consequences(in: records[commit]!.trigger.organization)
    for ordinal in records[commit]!.groups[group].members {
      let position = Position(commit: commit, ordinal: ordinal)
      guard !self[position].state.isTerminal else { continue }
      if hasStarted(self[position], running) {
        end(position, .failed, .groupTimeout, at: now, running, &consequences)
      } else {
        end(position, .skipped, .skippedByGroup, at: now, running, &consequences)
      }
    }
    return consequences
  }
}
