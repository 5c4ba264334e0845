package import EventCore

extension StoreModel {
  package mutating func accept(_ plan: TriggerPlan) -> AcceptOutcome {
    if let answer = repeated(plan.trigger) { return answer }
    if let refusal = full(plan) { return refusal }
    return .accepted(held: add(plan))
  }

  private func repeated(_ trigger: Trigger) -> AcceptOutcome? {
    if let commit = requests[request(of: trigger)], !trigger.requestID.isEmpty {
      return answer(commit, to: trigger)
    }
    // The caller tries a trigger again that it didn't see committed.
    guard let commit = commits[trigger.triggerID] else { return nil }
    guard records[commit]!.trigger.organization == trigger.organization else {
      return .conflict(trigger.triggerID)
    }
    return answer(commit, to: trigger)
  }

  private func answer(_ commit: Int64, to trigger: Trigger) -> AcceptOutcome {
    let first = records[commit]!
    return first.trigger.isSameRequest(as: trigger)
      ? .duplicate(first.stored) : .conflict(first.trigger.triggerID)
  }

  func full(_ plan: TriggerPlan) -> AcceptOutcome? {
    var more: [String: Int] = [:]
    for invocation in plan.invocations where !invocation.state.isTerminal {
      more[invocation.functionID, default: 0] += 1
    }
    for (functionID, count) in more.sorted(by: { $0.key < $1.key }) {
      let lane = Lane(plan.trigger.organization, functionID)
      if backlog[lane, default: 0] + count > limits.backlogPerFunctionMax {
        return .full(.function(functionID))
      }
    }
    let count = more.values.reduce(0, +)
    let organization = plan.trigger.organization
    let owned = backlog.reduce(0) { $1.key.organization == organization ? $0 + $1.value : $0 }
    if owned + count > limits.backlogPerOrganizationMax { return .full(.organization) }
    return unfinished + count > limits.backlogMax ? .full(.gateway) : nil
  }

  /// - Returns: the ordinals that wait for the order of their key.
  @discardableResult
  mutating func add(_ plan: TriggerPlan) -> Set<Int> {
    let commit = nextCommit()
    let trigger = plan.trigger
    records[commit] = TriggerRecord(plan)
    commits[trigger.triggerID] = commit
    if !trigger.requestID.isEmpty { requests[request(of: trigger)] = commit }
    for list in Self.lists(of: trigger) { lists[list, default: SortedSet()].insert(commit) }
    definitions.noteTrigger(of: trigger.event, in: trigger.organization, at: trigger.receivedAt)
    for (index, group) in plan.groups.enumerated() { setDeadline(of: group, commit, index) }
    let held = enterAll(commit)
    if records[commit]!.unfinished == 0 {
      retire(commit, at: trigger.replayTime ?? trigger.receivedAt)
    }
    return held
  }

  private mutating func enterAll(_ commit: Int64) -> Set<Int> {
    var held: Set<Int> = []
    for ordinal in records[commit]!.invocations.indices {
      let position = Position(commit: commit, ordinal: ordinal)
      if !self[position].state.isTerminal, queue(position) {
        held.insert(ordinal)
        records[commit]!.invocations[ordinal].holds.insert(.order)
      }
      enter(position)
    }
    return held
  }

  private mutating func setDeadline(of group: GroupPlan, _ commit: Int64, _ index: Int) {
    guard let deadline = group.deadline,
      group.outcome(records[commit]!.states(of: group)) == nil
    else { return }
    deadlines.insert(
      Appointment(time: deadline, position: Position(commit: commit, ordinal: index)))
  }

  func request(of trigger: Trigger) -> Tenancy {
    Tenancy(organization: trigger.organization, name: trigger.requestID)
  }

  static func lists(of trigger: Trigger) -> [List] {
    [
      List(organization: trigger.organization, event: nil),
      List(organization: trigger.organization, event: trigger.event),
    ]
  }
}
