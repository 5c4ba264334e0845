/// A trigger with everything that is to happen for it: what acceptance makes binding.
package struct TriggerPlan: Hashable, Sendable {
  package var trigger: Trigger
  /// One for each subscription that matched, their ordinals 0, 1, 2…
  package var invocations: [Invocation] = []
  /// The groups that some of them belong to.
  package var groups: [GroupPlan] = []

  package init(_ trigger: Trigger) {
    self.trigger = trigger
  }

  /// - Parameters:
  ///   - trigger: complete, with its times.
  ///   - match: who subscribes, in the order of their ids, at most
  ///     `Limits.invocationsPerTriggerMax`.
  package init(_ trigger: Trigger, _ match: EventMatch) {
    self.init(trigger)
    for (ordinal, subscription) in match.subscriptions.enumerated() {
      invocations.append(Invocation(of: trigger, ordinal, subscription))
    }
    guard !match.groups.isEmpty else { return }
    for group in match.groups { add(group, match.subscriptions) }
  }

  /// As it is once it is durable.
  package var stored: StoredTrigger {
    var stored = StoredTrigger(trigger, InvocationTally())
    for invocation in invocations where invocation.groupID.isEmpty {
      stored.tally[invocation.state] += 1
    }
    stored.groups = groups.map { GroupReport($0, states: $0.members.map { invocations[$0].state }) }
    return stored
  }

  private mutating func add(_ group: SubscriptionGroup, _ subscriptions: [Subscription]) {
    let members = subscriptions.enumerated().filter { $1.groupID == group.groupID }
      .map { (ordinal: $0.offset, subscription: $0.element) }
    guard !members.isEmpty else { return }
    let plan = GroupPlan(group, members, of: trigger)
    switch plan.strategy {
    case .parallel: break
    case .sequence, .firstSuccess:
      for ordinal in plan.members.dropFirst() { invocations[ordinal].holds.insert(.group) }
    case .oneOf:
      let chosen = GroupPlan.choice(among: members.map(\.subscription), for: trigger)
      for (index, member) in members.enumerated() where index != chosen {
        invocations[member.ordinal].state = .skipped
        invocations[member.ordinal].error = .skippedByGroup
        invocations[member.ordinal].nextAttemptTime = nil
        invocations[member.ordinal].holds = []
      }
    }
    groups.append(plan)
  }
}

/// An event and who subscribes to it, of one and the same moment.
package struct EventMatch: Sendable {
  package var event: Event
  /// In the order of their ids.
  package var subscriptions: [Subscription]
  /// The groups of those that have one.
  package var groups: [SubscriptionGroup]

  package init(
    _ event: Event, _ subscriptions: [Subscription], _ groups: [SubscriptionGroup] = []
  ) {
    self.event = event
    self.subscriptions = subscriptions
    self.groups = groups
  }
}

extension Invocation {
  /// PENDING; held if its subscription is paused.
  fileprivate init(of trigger: Trigger, _ ordinal: Int, _ subscription: Subscription) {
    self.init()
    id = InvocationID(triggerID: trigger.triggerID, ordinal: ordinal)
    subscriptionID = subscription.subscriptionID
    functionID = subscription.functionID
    groupID = subscription.groupID
    priority = subscription.priority
    // "At once" is no time of its own: see `Trigger.dueTime`.
    nextAttemptTime = trigger.dueTime > trigger.receivedAt ? trigger.dueTime : nil
    if subscription.isPaused { holds.insert(.pause) }
  }
}
