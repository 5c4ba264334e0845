import EventCore

/// Takes finished invocations up again, inside the writer's transaction: the oldest first, so that
/// those of one ordering key keep their order.
struct Redrive {
  let session: WriteSession
  let organization: Organization
  let now: Timestamp

  private var connection: Connection { session.connection }
  private var groups: GroupTable { GroupTable(connection: connection) }

  func run(_ ids: [InvocationID]) throws(SQLiteError) -> Consequences {
    var asked: [Invocation] = []
    var revived: [Invocation] = []
    var lanes: Set<Lane> = []
    for (trigger, ordinals) in try triggers(ids) {
      session.recent.forget(trigger.id)
      var writer = ConsequenceWriter(session, trigger, at: now, running: { _ in nil })
      try takeUp(ordinals, &writer)
      let consequences = try writer.finish()
      // Those that were asked for are written first.
      let count = consequences.changed.count { ordinals.contains($0.id.ordinal) }
      asked += consequences.changed.prefix(count)
      revived += consequences.changed.dropFirst(count)
      lanes.formUnion(consequences.lanes)
    }
    return Consequences(asked + revived, in: organization, lanes: lanes)
  }

  /// Those that may be taken up, by trigger in the order of commits, by ordinal.
  private func triggers(
    _ ids: [InvocationID]
  ) throws(SQLiteError) -> [(TriggerPlace, [Int])] {
    let triggers = TriggerTable(connection: connection)
    var found: [(TriggerPlace, [Int])] = []
    for (id, wanted) in Dictionary(grouping: Set(ids), by: \.triggerID) {
      guard let place = try triggers.place(id), place.organization == organization else { continue }
      var ordinals: [Int] = []
      for ordinal in wanted.map(\.ordinal).sorted() {
        let key = InvocationKey(seq: place.seq, ordinal: ordinal)
        let row = try InvocationTable(connection: connection).row(key)
        guard let state = row?.state, state.isTerminal, state != .succeeded else { continue }
        ordinals.append(ordinal)
      }
      if !ordinals.isEmpty { found.append((place, ordinals)) }
    }
    return found.sorted { $0.0.seq < $1.0.seq }
  }

  private func takeUp(
    _ ordinals: [Int], _ writer: inout ConsequenceWriter
  ) throws(SQLiteError) {
    var plans: [Int64: StoredGroup] = [:]
    for ordinal in ordinals {
      guard let group = try writer.row(ordinal).group, plans[group] == nil else { continue }
      plans[group] = try groups.stored(writer.trigger.seq, group: group)
    }
    let all = ordinals + (try revived(with: ordinals, plans.values.map(\.plan), writer.trigger))
    let orderingKey = try TriggerTable(connection: connection).trigger(writer.trigger.seq)
      .orderingKey
    // In a sequence only the first that is unfinished may run.
    let waiting = try waiting(all, plans.values.map(\.plan), writer.trigger)
    for ordinal in all {
      try writer.redrive(
        try writer.row(ordinal), orderingKey: orderingKey.isEmpty ? nil : orderingKey,
        holds: waiting.contains(ordinal) ? .group : [])
    }
    for ordinal in waiting.subtracting(all) {
      try writer.hold(try writer.row(ordinal), for: .group)
    }
    for group in plans.values { try dropDeadline(group) }
  }

  /// The members that come back with others of their group, by ordinal.
  private func revived(
    with ordinals: [Int], _ plans: [GroupPlan], _ trigger: TriggerPlace
  ) throws(SQLiteError) -> [Int] {
    var revived: Set<Int> = []
    for plan in plans {
      let states = try groups.states(of: plan, seq: trigger.seq)
      for (member, ordinal) in plan.members.enumerated() where ordinals.contains(ordinal) {
        revived.formUnion(plan.revived(by: member, states).map { plan.members[$0] })
      }
    }
    return revived.subtracting(ordinals).sorted()
  }

  /// Of groups that run one after another all but the first that will be unfinished.
  private func waiting(
    _ revived: [Int], _ plans: [GroupPlan], _ trigger: TriggerPlace
  ) throws(SQLiteError) -> Set<Int> {
    var waiting: Set<Int> = []
    for plan in plans where plan.isSequential {
      let states = try groups.states(of: plan, seq: trigger.seq)
      let unfinished = zip(plan.members, states).filter {
        !$1.isTerminal || revived.contains($0)
      }
      waiting.formUnion(unfinished.dropFirst().map(\.0))
    }
    return waiting
  }

  /// The time that it gave has passed or will not do.
  private func dropDeadline(_ group: StoredGroup) throws(SQLiteError) {
    guard group.plan.deadline != nil else { return }
    var group = group
    group.plan.deadline = nil
    try groups.replace(group)
  }
}
