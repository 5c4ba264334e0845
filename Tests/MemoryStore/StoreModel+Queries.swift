package import EventCore

extension StoreModel {
  package func trigger(_ id: UniqueID, in organization: Organization) -> StoredTrigger? {
    guard let record = commits[id].map({ records[$0]! }),
      record.trigger.organization == organization
    else { return nil }
    return record.stored
  }

  package func trigger(
    ofRequest requestID: String, in organization: Organization
  ) -> StoredTrigger? {
    requests[Tenancy(organization: organization, name: requestID)].map { records[$0]!.stored }
  }

  package func triggers(_ query: TriggerQuery) -> Page<StoredTrigger> {
    let list = lists[List(organization: query.organization, event: query.event)] ?? SortedSet()
    let after = query.after.flatMap { commits[$0] }
    var walk = query.isOldestFirst ? list.ascending(after: after) : list.descending(before: after)
    return Page(limit: query.limit) {
      while let commit = walk.next() {
        let record = records[commit]!
        if query.received?.contains(record.trigger.receivedAt) == false { continue }
        if after == nil, let gone = query.after {
          let id = record.trigger.triggerID
          guard query.isOldestFirst ? id > gone : id < gone else { continue }
        }
        return record.stored
      }
      return nil
    }
  }

  package func invocation(_ id: InvocationID, in organization: Organization) -> Invocation? {
    position(of: id, in: organization).map { self[$0] }
  }

  package func invocations(_ query: InvocationQuery) -> Page<Invocation> {
    let walk = commits(for: query).makeIterator()
    var rest: ArraySlice<Invocation> = []
    return Page(limit: query.limit) {
      while true {
        if let next = rest.popFirst() { return query.withResults ? next : next.withoutResults }
        guard let commit = walk.next() else { return nil }
        rest = invocations(commit, for: query)[...]
      }
    }
  }

  private func commits(for query: InvocationQuery) -> AnySequence<Int64> {
    if let id = query.triggerID {
      let commit = commits[id].flatMap {
        records[$0]!.trigger.organization == query.organization ? $0 : nil
      }
      return AnySequence(commit.map { [$0] } ?? [])
    }
    let list = lists[List(organization: query.organization, event: query.event)] ?? SortedSet()
    // The last page may have ended in the middle of a trigger.
    let before = query.after.flatMap { commits[$0.triggerID] }.map { $0 + 1 }
    return AnySequence(list.descending(before: before))
  }

  private func invocations(_ commit: Int64, for query: InvocationQuery) -> [Invocation] {
    let record = records[commit]!
    guard query.event.isNilOr(record.trigger.event),
      query.received?.contains(record.trigger.receivedAt) != false
    else { return [] }
    return record.invocations.filter { invocation in
      (query.states.isEmpty || query.states.contains(invocation.state))
        && query.functionID.isNilOr(invocation.functionID)
        && query.subscriptionID.isNilOr(invocation.subscriptionID)
        && comes(invocation.id, after: query.after)
    }
  }

  /// In the list of invocations.
  private func comes(_ id: InvocationID, after: InvocationID?) -> Bool {
    guard let after else { return true }
    if id.triggerID == after.triggerID { return id.ordinal > after.ordinal }
    guard commits[after.triggerID] == nil else { return true }
    return id.triggerID < after.triggerID
  }
}

extension StoreModel {
  /// In the order of their names.
  package func workingLanes() -> [Lane] {
    lanes.keys.sorted {
      ($0.organization.name, $0.functionID) < ($1.organization.name, $1.functionID)
    }
  }

  package func due(
    _ lane: Lane, at now: Timestamp, limit: Int, without known: Set<InvocationID>,
    _ order: DueOrder = .priority(above: nil)
  ) -> DueWork {
    var work = DueWork()
    var due: [Appointment] = []
    for (priority, appointments) in (lanes[lane] ?? [:]).sorted(by: { $0.key > $1.key }) {
      if case .priority(let above?) = order, priority <= above { break }
      let found = appointments.ascending().prefix { $0.time <= now }
        .filter { !known.contains(self[$0.position].id) }
      due += found.prefix(limit)
      let last = Appointment(time: now, position: Position(commit: .max, ordinal: .max))
      var later = appointments.ascending(after: last)
      work.nextDueTime = [work.nextDueTime, later.next()?.time].compactMap(\.self).min()
    }
    if order == .age { due.sort() }
    work.assignments = due.prefix(limit).map { assignment($0.position) }
    return work
  }

  func assignment(_ position: Position) -> Assignment {
    let record = records[position.commit]!
    return Assignment(
      record.trigger, record.invocations[position.ordinal],
      input: record.input(of: position.ordinal))
  }
}
