import EventCore
import Matching
import MemoryStore

extension Simulation {
  /// The definitions of one history: some subscriptions to `e`, some of them in groups, and one to
  /// the dead letters.
  mutating func define(isPruned: Bool) {
    var definitions = ["e", "dead"].map { event($0, isPruned: isPruned) }
    for number in 0..<3 {
      var function = Function()
      function.functionID = "f\(number)"
      definitions.append(.function(function))
    }
    for number in 0..<Int.random(in: 0...2, using: &random) { world.groups.append(group(number)) }
    for number in 0..<Int.random(in: 1...6, using: &random) {
      world.subscriptions.append(subscription(number))
    }
    var letters = subscription(99)
    letters.event = "dead"
    letters.groupID = ""
    world.subscriptions.append(letters)
    definitions += world.groups.map(Definition.group)
    definitions += world.subscriptions.map(Definition.subscription)
    write(definitions.map(DefinitionChange.create))
    note(.defined(world))
  }

  mutating func write(_ changes: [DefinitionChange]) {
    let (outcome, updates) = store.commit(
      DefinitionTransaction(in: .default, changes, now: now))
    guard case .committed = outcome else { preconditionFailure("refused: \(outcome)") }
    for update in updates { catalog.apply(update) }
  }

  private func event(_ name: String, isPruned: Bool) -> Definition {
    var event = Event()
    event.event = name
    if isPruned {
      event.retention = .seconds(5)
      event.deadLetterRetention = .seconds(20)
    }
    return .event(event)
  }

  private mutating func group(_ number: Int) -> SubscriptionGroup {
    var group = SubscriptionGroup()
    group.groupID = "g\(number)"
    group.event = "e"
    group.strategy = pick([.parallel, .sequence, .firstSuccess, .oneOf])
    if group.strategy == .parallel || group.strategy == .sequence {
      group.onFailure = pick([nil, .continue, .stop, .cancelRemaining])
      group.completion = pick([.all, .any, .quorum])
      if group.completion == .quorum { group.quorum = pick([1, 2]) }
    }
    if chance(30) { group.timeout = .seconds(pick([1, 10, 60])) }
    return group
  }

  private mutating func subscription(_ number: Int) -> Subscription {
    var subscription = Subscription()
    subscription.subscriptionID = "s\(number)"
    subscription.event = "e"
    subscription.functionID = "f\(number % 3)"
    if let group = world.groups.randomElement(using: &random), chance(70) {
      subscription.groupID = group.groupID
      subscription.order = pick([0, 1, 2])
      subscription.weight = pick([1, 5])
    }
    subscription.delivery.maxAttempts = pick([1, 2, 3])
    subscription.delivery.initialBackoff = .milliseconds(pick([1, 500]))
    if chance(20) { subscription.delivery.maxAge = .seconds(5) }
    if chance(40) { subscription.delivery.deadLetterEvent = "dead" }
    return subscription
  }

  mutating func pick<T>(_ choices: [T]) -> T { choices.randomElement(using: &random)! }
}
