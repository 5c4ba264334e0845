import EventCore
import Expressions
import Matching
import TestSupport
import Testing

/// Whether the index finds what matches, and only asks those that could.
@Suite struct MatchTests {
  private let catalog = Catalog()

  private func define(_ name: String) {
    var event = Event()
    event.event = name
    catalog.apply(.put(.event(event), .default))
  }

  private func subscribe(_ id: String, to event: String = "e", _ filter: SubscriptionFilter?) {
    catalog.apply(.put(.subscription(.to(event, id: id, filter)), .default))
  }

  private func trigger(_ event: String = "e", data: String = "", region: String? = nil) -> Trigger {
    var trigger = Trigger()
    trigger.event = event
    trigger.payload = Payload(data: Array(data.utf8), dataType: "application/json")
    trigger.metadata["region"] = region
    return trigger
  }

  private func matching(_ trigger: Trigger) -> [String] {
    catalog.match(trigger)?.subscriptions.map(\.subscriptionID) ?? []
  }

  @Test func `it finds what a look at every subscription finds`() throws {
    var random = RandomDefinitions(SeededRandom.announced(for: "index"))
    for name in RandomDefinitions.names { define(name) }
    var all: [String: Subscription] = [:]
    var matchCount = 0
    for round in FuzzRounds(1_500) {
      for _ in 0..<3 {
        let id = "s\(Int.random(in: 0..<80, using: &random.random))"
        if random.chance(40) {
          catalog.apply(.deleted(.init(.subscription, id), .default))
          all[id] = nil
        } else {
          let subscription = random.subscription(id)
          catalog.apply(.put(.subscription(subscription), .default))
          all[id] = subscription
        }
      }
      let trigger = random.trigger()
      let view = EventView(trigger, trigger.payload, readsData: true)
      let expected = all.values.filter { subscription in
        guard subscription.takes(trigger.event) else { return false }
        let explanation = catalog.compiled(subscription.subscriptionID, in: .default)?.explain(view)
        return explanation.map { $0.result == .match } ?? true
      }
      let candidates = try #require(catalog.candidates(for: trigger.event, in: .default))
      let found = candidates.match(trigger)
      matchCount += found.subscriptions.count
      let data = String(decoding: trigger.payload.data, as: UTF8.self)
      #expect(
        found.subscriptions == expected.sorted { $0.subscriptionID < $1.subscriptionID },
        "round \(round): \(trigger.event) \(trigger.metadata) \(trigger.payload.dataType) \(data)")
      #expect(found.subscriptions == candidates.matchUncounted(trigger, view).subscriptions)
    }
    #expect(matchCount > 1_000)
  }

  @Test func `an index that everything left is empty`() {
    var random = RandomDefinitions(SeededRandom.announced(for: "emptied index"))
    var index = SubscriptionIndex()
    var all = (0..<500).map { CompiledSubscription(random.subscription("s\($0)")) }
    for subscription in all { index.insert(subscription) }
    #expect(!index.isEmpty)
    all.shuffle(using: &random.random)
    for subscription in all { index.remove(subscription) }
    #expect(index.isEmpty)
  }

  @Test func `a filter is only asked if an anchor of it holds`() {
    define("e")
    // Each can't be evaluated once it is asked: INT of a text that is none.
    subscribe("eu", .init(.sql, "region = 'eu' AND INT(region) = 1"))
    subscribe("us", .init(.sql, "region = 'us' AND INT(region) = 1"))
    subscribe("any", .init(.sql, "INT(region) = 1"))
    #expect(matching(trigger(region: "eu")) == [])
    let counts = ["eu", "us", "any"].map { catalog.compiled($0, in: .default)?.filterErrors.count }
    #expect(counts == [1, 0, 1])
  }

  @Test func `of many that want other values none is asked`() {
    define("e")
    let ids = (0..<2_000).map { "s\($0)" }
    for id in ids { subscribe(id, .init(.sql, "region = '\(id)' AND INT(region) = 1")) }
    #expect(matching(trigger(region: "s7")) == [])
    let asked = ids.filter { catalog.compiled($0, in: .default)?.filterErrors.count != 0 }
    #expect(asked == ["s7"])
  }

  @Test func `errors are counted on until the filter changes`() throws {
    define("e")
    subscribe("s", .init(.sql, "INT(region) = 1"))
    _ = matching(trigger(region: "x"))
    var paused = try #require(catalog.subscription("s", in: .default))
    paused.isPaused = true
    catalog.apply(.put(.subscription(paused), .default))
    _ = matching(trigger(region: "x"))
    #expect(catalog.compiled("s", in: .default)?.filterErrors.count == 2)
    subscribe("s", .init(.sql, "INT(region) = 2"))
    #expect(catalog.compiled("s", in: .default)?.filterErrors.count == 0)
  }

  @Test func `numbers are found however they are written`() {
    define("e")
    let spellings = [
      ["0", "-0", "0.0", "0e5", "-0.000E-7"], ["1", "1.0", "10e-1", "0.1e1", "0.01E+2"],
      ["-1", "-1.00", "-10e-1"], ["100", "1e2", "100.0", "0.1E3"], ["0.05", "5e-2", "0.50e-1"],
      ["101"], ["1.01", "101e-2"], ["10.1"], ["1001"],
      ["12345678901234567890123", "12345678901234567890123.0", "1.2345678901234567890123e22"],
      ["1e400", "10e399"], ["1e-400"], ["1e99999999999999999999"], ["10e99999999999999999998"],
    ]
    for (id, alike) in spellings.enumerated() {
      subscribe("s\(id)", .init(.pattern, "{\"data\":[\(alike[0])]}"))
      for number in alike {
        subscribe("t\(number)", .init(.pattern, "{\"data\":[\(number)]}"))
      }
    }
    for (id, alike) in spellings.enumerated() {
      for number in alike {
        let trigger = trigger(data: number)
        let view = EventView(trigger, trigger.payload, readsData: true)
        let asked = catalog.subscriptions(after: nil, in: .default)
          .filter { $0.explain(view)?.result == .match }.map(\.subscription.subscriptionID)
        #expect(matching(trigger) == asked, "\(number)")
        #expect(asked.contains("s\(id)"), "\(number)")
      }
    }
  }

  @Test func `long arrays and many anchors come to what matches`() {
    define("e")
    let count = 10_000
    for value in 0..<count {
      subscribe("s\(value)", .init(.pattern, "{\"data\":{\"a\":[\(value)],\"b\":[\(value)]}}"))
    }
    let many = (0..<count).map { String($0 + count - 5) }.joined(separator: ",")
    #expect(matching(trigger(data: "{\"a\":[\(many)],\"b\":9999}")) == ["s9999"])
    let same = Array(repeating: "7.0", count: count).joined(separator: ",")
    #expect(matching(trigger(data: "{\"a\":[\(same)],\"b\":[\(same)]}")) == ["s7"])
  }

  @Test func `one value many times finds its many subscriptions once`() {
    define("e")
    for id in 0..<1_000 {
      subscribe("s\(id)", .init(.pattern, #"{"data": {"a": ["x"], "b": [{"exists": true}]}}"#))
    }
    let same = Array(repeating: "\"x\"", count: 10_000).joined(separator: ",")
    #expect(matching(trigger(data: "{\"a\":[\(same)]}")) == [])
    #expect(matching(trigger(data: "{\"b\":1,\"a\":[\(same)]}")).count == 1_000)
  }

  @Test func `the deepest payload fits a small stack`() {
    define("e")
    subscribe("s", .init(.pattern, #"{"data": {"a": ["x"]}}"#))
    let nested = String(repeating: "[", count: 126) + "\"x\"" + String(repeating: "]", count: 126)
    let deep = trigger(data: "{\"a\":\(nested)}")
    let catalog = catalog
    onSmallStack { #expect(catalog.match(deep)?.subscriptions.count == 1) }
  }

  @Test func `matches go on while definitions change`() async {
    define("e")
    for id in 0..<50 { subscribe("stays\(id)", .init(.sql, "region = 'eu'")) }
    let catalog = catalog
    let trigger = trigger(region: "eu")
    await withTaskGroup { group in
      for task in 0..<2 {
        group.addTask {
          for round in 0..<400 {
            let id = "moves\(task)-\(round % 7)"
            let filter = SubscriptionFilter(.sql, "region = '\(round % 2 == 0 ? "eu" : "us")'")
            catalog.apply(.put(.subscription(.to("e", id: id, filter)), .default))
            if round % 5 == 0 {
              catalog.apply(.deleted(.init(.subscription, id), .default))
            }
          }
        }
        group.addTask {
          for _ in 0..<200 {
            guard let candidates = catalog.candidates(for: "e", in: .default) else { continue }
            let match = candidates.match(trigger)
            #expect(match.subscriptions.count { $0.subscriptionID.hasPrefix("stays") } == 50)
            // It is of one moment, whatever happens meanwhile.
            #expect(candidates.match(trigger).subscriptions == match.subscriptions)
          }
        }
      }
    }
  }
}

extension RandomDefinitions {
  /// All that `name` may give.
  static var names: [String] {
    let one = ["a", "b"]
    let two = one.flatMap { first in one.map { "\(first).\($0)" } }
    return one + two + two.flatMap { first in one.map { "\(first).\($0)" } }
  }
}
