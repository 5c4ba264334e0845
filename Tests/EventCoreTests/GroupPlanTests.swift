import EventCore
import Testing

@Suite struct GroupPlanTests {
  private func plan(
    _ strategy: SubscriptionGroup.Strategy, _ edit: (inout SubscriptionGroup) -> Void = { _ in }
  ) -> GroupPlan {
    var group = SubscriptionGroup()
    group.strategy = strategy
    edit(&group)
    return GroupPlan(group, members(3), of: Trigger())
  }

  private func members(_ count: Int) -> [(ordinal: Int, subscription: Subscription)] {
    (0..<count).map { ordinal in
      var subscription = Subscription()
      subscription.subscriptionID = "s\(ordinal)"
      return (ordinal, subscription)
    }
  }

  @Test func `members come by their order, then by id`() {
    var members = members(4)
    for (index, order) in [5, -1, 5, 0].enumerated() {
      members[index].subscription.order = Int32(order)
    }
    members[0].subscription.subscriptionID = "z"
    #expect(GroupPlan(SubscriptionGroup(), members, of: Trigger()).members == [1, 3, 2, 0])
  }

  @Test func `a retry or a running member is no reason for a decision`() {
    for strategy in [SubscriptionGroup.Strategy.parallel, .sequence, .firstSuccess] {
      for state in [Invocation.State.retrying, .running, .pending] {
        let held = strategy != .parallel
        let members = [
          GroupPlan.Member(state, hasStarted: true), .init(.pending, isHeld: held),
          .init(.pending, isHeld: held),
        ]
        #expect(plan(strategy).next(members).isEmpty)
      }
    }
  }

  @Test func `a redriven member that waits for its turn is skipped when the group is settled`() {
    let members = [
      GroupPlan.Member(.succeeded, hasStarted: true),
      .init(.pending, isHeld: true, hasStarted: true), .init(.failed, hasStarted: true),
    ]
    #expect(plan(.firstSuccess).next(members) == [.skip(1)])
    let any = plan(.sequence) {
      $0.completion = .any
      $0.onFailure = .continue
    }
    #expect(any.next(members) == [.skip(1)])
  }

  @Test func `a failure stops a sequence unless it is told otherwise`() {
    #expect(plan(.sequence).onFailure == .stop)
    #expect(plan(.parallel).onFailure == .continue)
    #expect(plan(.sequence) { $0.onFailure = .continue }.onFailure == .continue)
  }

  @Test func `a cancelled or skipped member did not succeed`() {
    #expect(plan(.parallel).outcome([.succeeded, .cancelled, .succeeded]) == .cancelled)
    #expect(plan(.parallel).outcome([.failed, .cancelled, .succeeded]) == .failed)
    #expect(plan(.sequence).outcome([.succeeded, .skipped, .succeeded]) == .failed)
    #expect(plan(.parallel).outcome([.succeeded, .retrying, .succeeded]) == nil)
    let any = plan(.parallel) { $0.completion = .any }
    #expect(any.outcome([.failed, .cancelled, .succeeded]) == .succeeded)
  }

  @Test func `a redrive brings back what was skipped because of it`() {
    #expect(plan(.sequence).revived(by: 1, [.succeeded, .failed, .skipped]) == [2])
    #expect(plan(.sequence).revived(by: 1, [.failed, .skipped, .skipped]) == [2])
    #expect(plan(.firstSuccess).revived(by: 2, [.failed, .skipped, .skipped]) == [])
    #expect(plan(.parallel).revived(by: 1, [.skipped, .failed, .skipped]) == [0, 2])
    #expect(plan(.parallel).revived(by: 1, [.cancelled, .failed, .succeeded]) == [])
    #expect(plan(.oneOf).revived(by: 0, [.failed, .skipped, .skipped]) == [])
  }

  @Test func `in a pipe a member gets the last output before it`() {
    let pipe = plan(.sequence) { $0.pipesOutput = true }
    #expect(pipe.source(of: 0, [.pending, .pending, .pending]) == nil)
    #expect(pipe.source(of: 2, [.succeeded, .succeeded, .pending]) == 1)
    #expect(pipe.source(of: 2, [.succeeded, .failed, .pending]) == 0)
    #expect(pipe.source(of: 2, [.failed, .failed, .pending]) == nil)
    #expect(plan(.sequence).source(of: 2, [.succeeded, .succeeded, .pending]) == nil)
  }

  @Test func `the deadline counts from when the trigger is due`() {
    var group = SubscriptionGroup()
    group.timeout = .seconds(10)
    var trigger = Trigger()
    trigger.receivedAt = Timestamp(nanoseconds: 0)
    trigger.deliverAt = Timestamp(nanoseconds: 0) + .seconds(5)
    let plan = GroupPlan(group, members(1), of: trigger)
    #expect(plan.deadline == Timestamp(nanoseconds: 0) + .seconds(15))
  }
}

@Suite struct GroupChoiceTests {
  private static let weights: [Int32] = [1, 2, 7]

  private func subscriptions(_ weights: [Int32]) -> [Subscription] {
    weights.enumerated().map { index, weight in
      var subscription = Subscription()
      subscription.subscriptionID = "canary-\(index)"
      subscription.weight = weight
      return subscription
    }
  }

  private func choice(_ key: String, _ subscriptions: [Subscription]) -> Int {
    var trigger = Trigger()
    trigger.orderingKey = key
    return GroupPlan.choice(among: subscriptions, for: trigger)
  }

  @Test func `keys are shared out by weight`() {
    let members = subscriptions(Self.weights)
    var counts = [0, 0, 0]
    for number in 0..<10_000 { counts[choice("customer-\(number)", members)] += 1 }
    for (count, weight) in zip(counts, Self.weights) {
      // Five standard deviations of 10,000 draws at 0.5 are 250.
      #expect(abs(count - Int(weight) * 1_000) < 250, "\(counts)")
    }
  }

  @Test func `triggers without a key are shared out by weight, each anew`() {
    let members = subscriptions(Self.weights)
    var counts = [0, 0, 0]
    for number in 0..<5_000 {
      var trigger = Trigger()
      trigger.triggerID = UniqueID(high: 0x7000, low: UInt64(number))
      counts[GroupPlan.choice(among: members, for: trigger)] += 1
    }
    for (count, weight) in zip(counts, Self.weights) {
      #expect(abs(count - Int(weight) * 500) < 180, "\(counts)")
    }
  }

  @Test func `a key stays with its member`() {
    let members = subscriptions(Self.weights)
    for number in 0..<100 {
      let key = "k\(number)"
      let chosen = members[choice(key, members)].subscriptionID
      let reversed = Array(members.reversed())
      #expect(reversed[choice(key, reversed)].subscriptionID == chosen)
    }
  }

  @Test func `a new member takes its share and moves no other key`() {
    let (before, after) = (subscriptions([1, 1, 1]), subscriptions([1, 1, 1, 1]))
    var moved = 0
    for number in 0..<4_000 {
      let (old, new) = (choice("k\(number)", before), choice("k\(number)", after))
      if old != new {
        moved += 1
        #expect(new == 3)
      }
    }
    #expect(abs(moved - 1_000) < 150, "\(moved)")
  }

  @Test func `a greater weight takes keys from others and gives none away`() {
    let (before, after) = (subscriptions([1, 1]), subscriptions([1, 3]))
    for number in 0..<1_000 where choice("k\(number)", before) == 1 {
      #expect(choice("k\(number)", after) == 1)
    }
  }
}
