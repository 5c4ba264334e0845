package import EventCore

extension StoreModel {
  package mutating func redrive(
    _ ids: [InvocationID], in organization: Organization, at now: Timestamp
  ) -> Consequences {
    var consequences = Consequences(in: organization)
    // The oldest first, so that those of one ordering key keep their order.
    let positions = Set(ids).compactMap { position(of: $0, in: organization) }.sorted()
      .filter { self[$0].mayBeRedriven }
    let revived = Set(positions.flatMap { self.revived(by: $0) }).subtracting(positions).sorted()
    for position in positions + revived { takeUp(position, at: now, &consequences) }
    for position in positions { putInTurn(position, &consequences) }
    // Their groups may hold some of them.
    consequences.changed = (positions + revived).map { self[$0].withoutResults }
    return consequences
  }

  /// The members of its group that come back with it.
  private func revived(by position: Position) -> [Position] {
    guard let index = records[position.commit]!.group(of: position.ordinal) else { return [] }
    let record = records[position.commit]!
    let plan = record.groups[index]
    let member = plan.members.firstIndex(of: position.ordinal)!
    return plan.revived(by: member, record.states(of: plan)).map {
      Position(commit: position.commit, ordinal: plan.members[$0])
    }
  }

  private mutating func takeUp(
    _ position: Position, at now: Timestamp, _ consequences: inout Consequences
  ) {
    var next = self[position].redriven(at: now)
    next.holds = queue(position) ? .order : []
    change(position, to: next, at: now, &consequences)
  }

  /// Ends the group's deadline. In a sequence only the first that is unfinished may run.
  private mutating func putInTurn(_ position: Position, _ consequences: inout Consequences) {
    defer { noteRunnable(position, &consequences) }
    guard let index = records[position.commit]!.group(of: position.ordinal) else { return }
    let plan = records[position.commit]!.groups[index]
    if let deadline = plan.deadline {
      deadlines.remove(
        Appointment(
          time: deadline, position: Position(commit: position.commit, ordinal: index)))
      records[position.commit]!.groups[index].deadline = nil
    }
    let members = plan.members.map { Position(commit: position.commit, ordinal: $0) }
      .filter { !self[$0].state.isTerminal }
    for member in members {
      var next = self[member]
      if plan.isSequential, member != members[0] {
        next.holds.insert(.group)
      }
      write(next, at: member, nil)
      noteRunnable(member, &consequences)
    }
  }
}

extension Invocation {
  fileprivate var mayBeRedriven: Bool { state.isTerminal && state != .succeeded }
}
