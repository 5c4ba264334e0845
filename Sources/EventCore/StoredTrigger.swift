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
  package var tally: InvocationTally
  /// Nil until all members have finished.
  package var outcome: Trigger.State?

  package init() {
    groupID = ""
    tally = InvocationTally()
  }

  /// - Parameter states: of the plan's members, in their order.
  package init(_ plan: GroupPlan, states: [Invocation.State]) {
    groupID = plan.groupID
    tally = states.reduce(into: InvocationTally()) { $0[$1] += 1 }
    outcome = plan.outcome(states)
  }

  /// The tally as far as the trigger's state is concerned: a finished group counts as one.
  fileprivate var decisive: InvocationTally {
    switch outcome {
    case nil: tally.unfinished
    case let outcome?: InvocationTally(outcome, count: 1)
    }
  }
}
