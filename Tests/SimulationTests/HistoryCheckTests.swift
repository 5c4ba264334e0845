import EventCore
import Testing

/// That the check can fail: for each promise a history that breaks it, and nothing else.
@Suite struct HistoryCheckTests {
  @Test func `a history in order breaks nothing`() {
    var history = Script()
    history.accept(1, key: "k")
    history.accept(2, key: "k")
    history.run(1)
    history.run(2)
    #expect(history.violations == [])
  }

  @Test func `an invocation that never finishes is found`() {
    var history = Script()
    history.accept(1)
    #expect(history.violations == ["t1.0 ended as pending"])
  }

  @Test func `a subscription that was left out is found`() {
    var history = Script(subscriptions: ["a", "b"])
    history.accept(1, subscriptions: ["a"])
    history.run(1)
    #expect(history.violations == ["t1 has not an invocation for each subscription"])
  }

  @Test func `a request id that makes two triggers is found`() {
    var history = Script()
    history.note(.answered(request: "r", .numbered(1)))
    history.note(.answered(request: "r", .numbered(2)))
    #expect(history.violations == ["r made two triggers, t1 and t2"])
  }

  @Test func `a key out of order is found, also while the earlier waits for a retry`() {
    var history = Script()
    history.accept(1, key: "k")
    history.accept(2, key: "k")
    history.start(1)
    history.change(1, .retrying)
    history.run(2)
    history.run(1)
    #expect(history.violations == ["t2.0 started before t1.0 of its key was finished"])
  }

  @Test func `two of one key at once are found`() {
    var history = Script()
    history.accept(1, key: "k")
    history.accept(2, key: "k")
    history.change(1, .failed)
    history.start(2)
    history.change(1, .pending, isRedriven: true)
    history.run(1)
    history.change(2, .succeeded)
    #expect(history.violations == ["t1.0 and t2.0 of one key ran at once"])
  }

  @Test func `a start of what is finished is found`() {
    for state in [Invocation.State.succeeded, .failed, .cancelled, .skipped] {
      var history = Script()
      history.accept(1)
      history.change(1, state)
      history.start(1)
      #expect(history.violations == ["t1.0 started though it was \(state)"])
    }
  }

  @Test func `a second start of what runs is found, after a crash it is none`() {
    var history = Script()
    history.accept(1)
    history.start(1)
    history.note(.crashed)
    history.run(1)
    #expect(history.violations == [])
    history.accept(2)
    history.start(2)
    history.run(2)
    #expect(history.violations == ["t2.0 started while it ran"])
  }

  @Test func `a start while paused is found`() {
    var history = Script()
    history.accept(1)
    history.note(.paused(subscription: "a"))
    history.run(1)
    history.note(.resumed(subscription: "a"))
    history.accept(2)
    history.run(2)
    #expect(history.violations == ["t1.0 started while a was paused"])
  }

  @Test func `a start before its time is found`() {
    var history = Script()
    history.accept(1, deliverAt: Script.now + .nanoseconds(1))
    history.run(1)
    #expect(history.violations == ["t1.0 started before it was due"])
  }

  @Test func `too many attempts are found, but for those that a crash broke off`() {
    for (crashes, problems) in [(0, ["t1.0 started 3 times, 2 are allowed"]), (1, [])] {
      var history = Script(maxAttempts: 2)
      history.accept(1)
      for number in 0..<3 {
        history.start(1)
        if number < crashes {
          history.note(.crashed)
        } else {
          history.change(1, number == 2 ? .failed : .retrying)
        }
      }
      #expect(history.violations == problems)
    }
  }

  @Test func `a finished one that changes without a redrive is found`() {
    var history = Script()
    history.accept(1)
    history.change(1, .succeeded)
    history.change(1, .failed)
    #expect(history.violations == ["t1.0 was succeeded and became failed"])
  }

  @Test func `a change that is lost is found`() {
    var history = Script()
    history.accept(1)
    history.revisions[0, default: 0] += 1
    history.change(1, .succeeded)
    #expect(history.violations == ["t1.0 went from revision 0 to 2"])
  }

  @Test func `a sequence out of turn is found`() {
    var history = Script(subscriptions: ["a", "b"], group: .sequence)
    history.accept(1)
    history.run(1, 1)
    history.run(1, 0)
    #expect(history.violations == ["t1.1 started before t1.0 of its sequence was finished"])
  }

  @Test func `a sequence that goes on after a failure is found`() {
    var history = Script(subscriptions: ["a", "b"], group: .sequence)
    history.accept(1)
    history.start(1, 0)
    history.change(1, .failed, 0)
    history.run(1, 1)
    #expect(history.violations == ["t1.1 started first after another had failed"])
  }

  @Test func `a failover after a success is found`() {
    var history = Script(subscriptions: ["a", "b"], group: .firstSuccess)
    history.accept(1)
    history.run(1, 0)
    history.run(1, 1)
    #expect(history.violations == ["t1.1 started after another had succeeded"])
  }

  @Test func `a second of a group that runs one is found`() {
    var history = Script(subscriptions: ["a", "b"], group: .oneOf)
    history.accept(1)
    history.run(1, 0)
    history.run(1, 1)
    #expect(history.violations == ["t1.1 started besides another of one"])
  }

  @Test func `a change that a watcher misses is found`() {
    var history = Script()
    for number in 1...2 {
      history.accept(UInt64(number))
      history.run(UInt64(number))
    }
    history.note(.heard(place: 1, .numbered(1), revision: 1))
    #expect(history.violations == ["the watcher heard 0 of t2.0, not its last change"])
  }

  @Test func `a change that a watcher hears twice or out of order is found`() {
    var history = Script()
    history.accept(1)
    history.run(1)
    history.note(.heard(place: 1, .numbered(1), revision: 1))
    history.note(.rewound(place: 0))
    history.note(.heard(place: 1, .numbered(1), revision: 1))
    #expect(history.violations == [])
    history.note(.heard(place: 1, .numbered(1), revision: 1))
    history.note(.heard(place: 2, .numbered(1), revision: 1))
    #expect(
      history.violations == [
        "the watcher heard of place 1 after 1",
        "the watcher heard revision 1 of t1.0 after 1",
      ])
  }

  @Test func `a history that gets stuck is found`() {
    var history = Script()
    history.note(.stuck(unfinished: 3))
    #expect(history.violations == ["3 never finish"])
  }
}

/// A history written by hand.
private struct Script {
  static let now = Timestamp(nanoseconds: 0)

  private var history = History()
  private var world = World()
  /// By trigger and ordinal: what the last change counted.
  var revisions: [Int: Int32] = [:]

  init(
    subscriptions: [String] = ["a"], group strategy: SubscriptionGroup.Strategy? = nil,
    maxAttempts: Int32 = 5
  ) {
    if let strategy {
      var group = SubscriptionGroup()
      (group.groupID, group.event, group.strategy) = ("g", "e", strategy)
      world.groups = [group]
    }
    for (order, id) in subscriptions.enumerated() {
      var subscription = Subscription()
      (subscription.subscriptionID, subscription.event) = (id, "e")
      subscription.groupID = strategy == nil ? "" : "g"
      subscription.order = Int32(order)
      subscription.delivery.maxAttempts = maxAttempts
      world.subscriptions.append(subscription)
    }
    note(.defined(world))
  }

  var violations: [String] { HistoryCheck.violations(in: history) }

  mutating func note(_ fact: History.Fact) { history.note(fact, at: Self.now) }

  mutating func accept(
    _ number: UInt64, key: String = "", deliverAt: Timestamp? = nil, subscriptions: [String]? = nil
  ) {
    let ids = subscriptions ?? world.subscriptions.map(\.subscriptionID)
    let invocations = ids.indices.map { invocation(number, $0, .pending) }
    note(
      .accepted(
        History.Accepted(
          id: .numbered(number), event: "e", key: key, deliverAt: deliverAt,
          invocations: invocations)))
  }

  mutating func start(_ number: UInt64, _ ordinal: Int = 0) {
    note(.started(.numbered(number, ordinal), foundAt: Self.now))
  }

  mutating func change(
    _ number: UInt64, _ state: Invocation.State, _ ordinal: Int = 0, isRedriven: Bool = false
  ) {
    var next = invocation(number, ordinal, state)
    let key = Int(number - 1) * 10 + ordinal
    revisions[key, default: 0] += 1
    next.revision = revisions[key]!
    if isRedriven { next.redrive = Invocation.Redrive(at: Self.now, after: 0) }
    note(.changed(next))
  }

  mutating func run(_ number: UInt64, _ ordinal: Int = 0) {
    start(number, ordinal)
    change(number, .succeeded, ordinal)
  }

  private func invocation(
    _ number: UInt64, _ ordinal: Int, _ state: Invocation.State
  ) -> Invocation {
    var invocation = Invocation()
    invocation.id = .numbered(number, ordinal)
    invocation.subscriptionID = world.subscriptions[ordinal].subscriptionID
    invocation.groupID = world.subscriptions[ordinal].groupID
    invocation.state = state
    return invocation
  }
}

extension UniqueID {
  fileprivate static func numbered(_ number: UInt64) -> UniqueID { UniqueID(high: 0, low: number) }
}

extension InvocationID {
  fileprivate static func numbered(_ number: UInt64, _ ordinal: Int = 0) -> InvocationID {
    InvocationID(triggerID: .numbered(number), ordinal: ordinal)
  }
}
