import EventCore
import Matching
import TestSupport
import Testing

@Suite struct SubscriptionIndexTests {
  @Test(arguments: [
    ("order.created", "order.created", true),
    ("order.created", "order.created.eu", false),
    ("order.created", "order", false),
    ("order.*", "order.created", true),
    ("order.*", "order", false),
    ("order.*", "order.created.eu", false),
    ("*.created", "order.created", true),
    ("*.created", "created", false),
    ("order.**", "order.created", true),
    ("order.**", "order.created.eu", true),
    ("order.**", "order", false),
    ("**", "order", true),
    ("**", "order.created.eu", true),
    ("*", "order", true),
    ("*", "order.created", false),
    ("*.**", "order", false),
    ("*.**", "order.created", true),
    ("a.*.c", "a.b.c", true),
    ("a.*.c", "a.b.d", false),
  ])
  func `a pattern matches`(_ pattern: String, _ event: String, _ expected: Bool) {
    var index = SubscriptionIndex()
    index.insert(.to(pattern, id: "s"))
    #expect(index.subscribers(to: event).isEmpty != expected)
    #expect(Subscription.to(pattern, id: "s").takes(event) == expected)
  }

  @Test func `what matches comes once each, in the order of the ids`() {
    var index = SubscriptionIndex()
    for (id, pattern) in [("c", "**"), ("a", "x.*"), ("b", "x.y"), ("d", "x.**"), ("e", "x.z")] {
      index.insert(.to(pattern, id: id))
    }
    #expect(
      index.subscribers(to: "x.y").map(\.subscription.subscriptionID) == ["a", "b", "c", "d"])
  }

  @Test func `each object is removed by itself`() {
    var index = SubscriptionIndex()
    let (one, other) = (
      CompiledSubscription.to("x.*", id: "a"), CompiledSubscription.to("x.*", id: "a")
    )
    index.insert(one)
    index.insert(other)
    index.remove(one)
    #expect(index.subscribers(to: "x.y").map(ObjectIdentifier.init) == [ObjectIdentifier(other)])
  }

  @Test func `a copy stays as it was`() {
    var index = SubscriptionIndex()
    let subscription = CompiledSubscription.to("x.*", id: "a")
    index.insert(subscription)
    let copy = index
    index.remove(subscription)
    #expect(index.isEmpty && index.subscribers(to: "x.y").isEmpty)
    #expect(copy.subscribers(to: "x.y").count == 1)
  }

  @Test func `it is no deeper than names are long`() {
    let name = Array(repeating: "a", count: Limits.nameBytesMax / 2).joined(separator: ".")
    let pattern = Array(repeating: "*", count: Limits.nameBytesMax / 2).joined(separator: ".")
    onSmallStack {
      var index = SubscriptionIndex()
      let subscriptions = [name, pattern].map { CompiledSubscription.to($0, id: $0) }
      for subscription in subscriptions { index.insert(subscription) }
      #expect(index.subscribers(to: name).count == 2)
      for subscription in subscriptions { index.remove(subscription) }
      #expect(index.isEmpty)
    }
  }
}

extension Subscription {
  static func to(_ event: String, id: String, _ filter: SubscriptionFilter? = nil) -> Subscription {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = "f"
    subscription.filter = filter
    return subscription
  }

  /// The rule of names and patterns, word for word and slowly.
  func takes(_ name: String) -> Bool {
    var pattern = event.split(separator: ".")
    var name = name.split(separator: ".")
    while let wanted = pattern.first {
      if wanted == "**" { return !name.isEmpty }
      guard let segment = name.first, wanted == "*" || wanted == segment else { return false }
      pattern.removeFirst()
      name.removeFirst()
    }
    return name.isEmpty
  }
}

extension CompiledSubscription {
  static func to(_ event: String, id: String) -> CompiledSubscription {
    CompiledSubscription(Subscription.to(event, id: id))
  }
}
