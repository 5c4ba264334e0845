import EventCore

/// A trigger as the model keeps it, with all that belongs to it.
struct TriggerRecord: Sendable {
  let trigger: Trigger
  var invocations: [Invocation]
  var groups: [GroupPlan]
  /// Of each invocation its newest change's place in the log; 0 for none.
  var places: [Int64]
  /// The concurrency keys of those that are, or were, held for them, by ordinal.
  var keys: [Int: ConcurrencyKey] = [:]
  var unfinished: Int
  /// When the last invocation finished.
  var finishTime: Timestamp?

  init(_ plan: TriggerPlan) {
    trigger = plan.trigger
    invocations = plan.invocations
    groups = plan.groups
    places = Array(repeating: 0, count: plan.invocations.count)
    unfinished = plan.invocations.count { !$0.state.isTerminal }
  }

  var stored: StoredTrigger {
    var stored = StoredTrigger(trigger, InvocationTally())
    for invocation in invocations where invocation.groupID.isEmpty {
      stored.tally[invocation.state] += 1
    }
    stored.groups = groups.map { GroupReport($0, states: states(of: $0)) }
    return stored
  }

  func states(of plan: GroupPlan) -> [Invocation.State] {
    plan.members.map { invocations[$0].state }
  }

  /// The index in `groups` of the group that a member belongs to.
  func group(of ordinal: Int) -> Int? {
    groups.firstIndex { $0.members.contains(ordinal) }
  }

  /// What a piped group puts in the place of the trigger's payload.
  func input(of ordinal: Int) -> Output? {
    guard let plan = group(of: ordinal).map({ groups[$0] }), plan.pipesOutput,
      let member = plan.members.firstIndex(of: ordinal),
      let source = plan.source(of: member, states(of: plan))
    else { return nil }
    return invocations[plan.members[source]].output
  }

  func dueTime(of ordinal: Int) -> Timestamp {
    invocations[ordinal].nextAttemptTime ?? trigger.dueTime
  }

  /// An invocation failed: it is kept for longer.
  var hasDeadLetter: Bool { invocations.contains { $0.state == .failed } }
}

/// An invocation's place: the number of its trigger's commit, and its ordinal.
struct Position: Hashable, Comparable, Sendable {
  var commit: Int64
  var ordinal: Int

  static func < (left: Position, right: Position) -> Bool {
    left.commit == right.commit ? left.ordinal < right.ordinal : left.commit < right.commit
  }
}

/// Something that is to happen to a trigger or a part of it at a time.
struct Appointment: Hashable, Comparable, Sendable {
  var time: Timestamp
  var position: Position

  static func < (left: Appointment, right: Appointment) -> Bool {
    left.time == right.time ? left.position < right.position : left.time < right.time
  }
}
