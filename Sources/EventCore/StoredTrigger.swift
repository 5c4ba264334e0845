/// A trigger and how far its invocations are.
package struct StoredTrigger: Hashable, Sendable {
  package var trigger: Trigger
  /// Of the invocations that belong to no group.
  package var tally: InvocationTally
  package var groups: [GroupReport] = []

  package init(_ trigger: Trigger, _ tally: InvocationTally) {
    self.trigger = trigger
    self.tally = tally
  }

  /// Of all invocations.
  package var total: InvocationTally {
    groups.reduce(into: tally) { $0.add($1.tally) }
  }

  /// A member that failed in a group that succeeded all the same doesn't count.
  package var state: Trigger.State {
    var decisive = tally
    for group in groups { decisive.add(group.decisive) }
    return decisive.triggerState
  }
}

/// How far one trigger's members of a group are.
package struct GroupReport: Hashable, Sendable {
  package var groupID: String
  /// How many must succeed (`GroupPlan.needed`); 0 for a client, who sees only the outcome.
  package var needed: Int
  package var tally: InvocationTally
  /// Nil until all members have finished.
  package var outcome: Trigger.State?

  package init() {
    groupID = ""
    needed = 0
    tally = InvocationTally()
  }

  /// - Parameter states: of the plan's members, in any order.
  package init(_ plan: GroupPlan, states: [Invocation.State]) {
    self.init(plan.groupID, needed: plan.needed, states: states)
  }

  /// - Parameter states: of all members, in any order.
  package init(_ groupID: String, needed: Int, states: [Invocation.State]) {
    self.groupID = groupID
    self.needed = needed
    tally = states.reduce(into: InvocationTally()) { $0[$1] += 1 }
    outcome = GroupPlan.outcome(tally, needed: needed)
  }

  /// ACCEPTED as long as nothing of it has run, then RUNNING until all members have finished.
  package var state: Trigger.State {
    if let outcome { return outcome }
    return tally[.pending] + tally[.skipped] == tally.total ? .accepted : .running
  }

  /// The tally as far as the trigger's state is concerned: a group counts as one.
  fileprivate var decisive: InvocationTally { InvocationTally(state, count: 1) }
}
