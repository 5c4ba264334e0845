import EventCore
import Testing

@Suite struct TriggerPlanTests {
  private let now = Timestamp(nanoseconds: 1_000_000_000)

  private func trigger(key: String = "", deliverAt: Timestamp? = nil) -> Trigger {
    var trigger = Trigger()
    trigger.triggerID = UniqueID(at: now)
    trigger.event = "e"
    trigger.receivedAt = now
    trigger.orderingKey = key
    trigger.deliverAt = deliverAt
    return trigger
  }

  private func subscription(
    _ id: String, group: String = "", order: Int32 = 0, isPaused: Bool = false
  ) -> Subscription {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.functionID = "f-\(id)"
    subscription.groupID = group
    subscription.order = order
    subscription.isPaused = isPaused
    return subscription
  }

  private func group(_ id: String, _ strategy: SubscriptionGroup.Strategy) -> SubscriptionGroup {
    var group = SubscriptionGroup()
    group.groupID = id
    group.strategy = strategy
    return group
  }

  @Test func `every subscription that matches gets an invocation, in order`() {
    let plan = TriggerPlan(
      trigger(), EventMatch(Event(), [subscription("a"), subscription("b")]))
    #expect(plan.invocations.map(\.id.ordinal) == [0, 1])
    #expect(plan.invocations.map(\.subscriptionID) == ["a", "b"])
    #expect(plan.invocations.map(\.functionID) == ["f-a", "f-b"])
    #expect(plan.invocations.allSatisfy { $0.state == .pending && $0.holds == [] })
    #expect(plan.invocations.map(\.nextAttemptTime) == [nil, nil])
    #expect(plan.stored.state == .accepted)
  }

  @Test func `of a sequence all but the first by order are held`() {
    let members = [
      subscription("a", group: "g", order: 3), subscription("b", group: "g", order: 1),
      subscription("c"), subscription("d", group: "g", order: 2),
    ]
    for strategy in [SubscriptionGroup.Strategy.sequence, .firstSuccess] {
      let plan = TriggerPlan(trigger(), EventMatch(Event(), members, [group("g", strategy)]))
      #expect(plan.groups.map(\.members) == [[1, 3, 0]])
      #expect(plan.invocations.map(\.holds) == [.group, [], [], .group])
    }
  }

  @Test func `of a group that runs one the others are skipped at once`() {
    let members = ["a", "b", "c"].map { subscription($0, group: "g") }
    let plan = TriggerPlan(
      trigger(key: "k"), EventMatch(Event(), members, [group("g", .oneOf)]))
    let chosen = GroupPlan.choice(among: members, for: plan.trigger)
    for (index, invocation) in plan.invocations.enumerated() {
      #expect(invocation.state == (index == chosen ? .pending : .skipped))
      #expect(invocation.error == (index == chosen ? nil : .skippedByGroup))
    }
    #expect(plan.stored.groups.map(\.tally.total) == [3])
    #expect(plan.stored.tally.total == 0)
  }

  @Test func `members of paused subscriptions are held`() {
    let members = [
      subscription("a", group: "g", isPaused: true),
      subscription("b", group: "g", order: 1, isPaused: true), subscription("c", isPaused: true),
    ]
    let plan = TriggerPlan(
      trigger(), EventMatch(Event(), members, [group("g", .sequence)]))
    #expect(plan.invocations.map(\.holds) == [.pause, [.pause, .group], .pause])
  }

  @Test func `a trigger that is put off says so in its invocations, one at once does not`() {
    let match = EventMatch(Event(), [subscription("a")])
    let later = now + .seconds(60)
    #expect(
      TriggerPlan(trigger(deliverAt: later), match).invocations[0].nextAttemptTime == later)
    let past = now + .seconds(-60)
    #expect(TriggerPlan(trigger(deliverAt: past), match).invocations[0].nextAttemptTime == nil)
  }

  @Test func `a copy is due when it was made`() {
    var copy = trigger()
    copy.replayTime = now + .seconds(500)
    #expect(copy.dueTime == now + .seconds(500))
  }

  @Test func `groups that nobody who matches belongs to are left out`() {
    let plan = TriggerPlan(
      trigger(), EventMatch(Event(), [subscription("a")], [group("g", .sequence)]))
    #expect(plan.groups.isEmpty)
  }
}
