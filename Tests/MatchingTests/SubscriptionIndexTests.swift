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
    #expect(index.matches(event).isEmpty != expected)
    #expect(matches(pattern, event) == expected)
  }

  @Test func `what matches comes once each, in the order of the ids`() {
    var index = SubscriptionIndex()
    for (id, pattern) in [("c", "**"), ("a", "x.*"), ("b", "x.y"), ("d", "x.**"), ("e", "x.z")] {
      index.insert(.to(pattern, id: id))
    }
    #expect(index.matches("x.y").map(\.subscriptionID) == ["a", "b", "c", "d"])
  }

  @Test func `inserting an id again under its pattern replaces it`() {
    var index = SubscriptionIndex()
    index.insert(.to("x.*", id: "a"))
    var changed = Subscription.to("x.*", id: "a")
    changed.functionID = "g"
    index.insert(changed)
    #expect(index.matches("x.y") == [changed])
  }

  @Test func `removing what is not there changes nothing`() {
    var index = SubscriptionIndex()
    index.insert(.to("x.*", id: "a"))
    index.remove(.to("x.*", id: "b"))
    index.remove(.to("x.y.z", id: "a"))
    #expect(index.matches("x.y").map(\.subscriptionID) == ["a"])
  }

  @Test func `the index finds what a look at every pattern finds`() {
    let seed = UInt64.random(in: 0...(.max))
    var random = SeededRandom(seed: seed)
    var index = SubscriptionIndex()
    var all: [String: Subscription] = [:]
    for round in 0..<3_000 {
      let id = "s\(Int.random(in: 0..<60, using: &random))"
      if let old = all.removeValue(forKey: id) { index.remove(old) }
      if Bool.random(using: &random) {
        let subscription = Subscription.to(pattern(&random), id: id)
        all[id] = subscription
        index.insert(subscription)
      }
      let event = name(&random)
      let expected = all.values.filter { matches($0.event, event) }.map(\.subscriptionID).sorted()
      #expect(
        index.matches(event).map(\.subscriptionID) == expected,
        "seed \(seed), round \(round), event \(event)")
    }
  }

  private func name(_ random: inout SeededRandom) -> String {
    let count = Int.random(in: 1...4, using: &random)
    return (0..<count).map { _ in ["a", "b", "c"].randomElement(using: &random)! }
      .joined(separator: ".")
  }

  private func pattern(_ random: inout SeededRandom) -> String {
    let count = Int.random(in: 0...3, using: &random)
    var segments = (0..<count).map { _ in ["a", "b", "c", "*"].randomElement(using: &random)! }
    segments.append(["a", "b", "*", "**"].randomElement(using: &random)!)
    return segments.joined(separator: ".")
  }

  /// The rule, word for word and slowly.
  private func matches(_ pattern: String, _ event: String) -> Bool {
    var pattern = pattern.split(separator: ".")
    var event = event.split(separator: ".")
    while let wanted = pattern.first {
      if wanted == "**" { return !event.isEmpty }
      guard let segment = event.first, wanted == "*" || wanted == segment else { return false }
      pattern.removeFirst()
      event.removeFirst()
    }
    return event.isEmpty
  }
}

extension Subscription {
  static func to(_ event: String, id: String) -> Subscription {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = "f"
    return subscription
  }
}
