import EventCore
import Testing

extension ConformanceCase {
  static let triggers: [ConformanceCase] = [
    ConformanceCase("an accepted trigger comes back with every field") { test async throws in
      var trigger = Trigger.of("order.created", at: .at(3), requestID: "r")
      trigger.payload = Payload(data: Array(0...255), dataType: "application/octet-stream")
      trigger.metadata = ["a": "b", "ä": "", "": "\u{1F600}"]
      trigger.source = "/shop"
      trigger.eventRevision = .max
      trigger.orderingKey = "ö"
      trigger.deliverAt = .at(4)
      trigger.replayTime = .at(5)
      trigger.deadLetterHops = 3
      trigger.schemaRevision = .max - 1
      trigger.schemaViolationCount = 7
      trigger.cloudEventID = "A234-1234-1234 ö"
      trigger.cloudEventTime = .at(-6)
      trigger.defaults = [.dataType]
      let outcome = try await test.store.accept(trigger, trigger.invocations(["f", "g"]))
      #expect(outcome == .accepted(held: []))
      let stored = try await test.store.trigger(trigger.triggerID, in: .default)
      #expect(stored == StoredTrigger(trigger, tally(.pending, 2)))
    },
    ConformanceCase("a trigger that matched nothing has succeeded") { test async throws in
      let made = try await test.store.trigger("e", [])
      let stored = try await test.store.trigger(made.trigger.triggerID, in: .default)
      #expect(stored == StoredTrigger(made.trigger, InvocationTally()))
      #expect(stored?.state == .succeeded)
    },
    ConformanceCase("a trigger is found in its organization only") { test async throws in
      let id = try await test.store.trigger(in: .other).trigger.triggerID
      #expect(try await test.store.trigger(id, in: .default) == nil)
      #expect(try await test.store.trigger(id, in: .other) != nil)
      #expect(try await test.store.trigger(UniqueID(at: start), in: .default) == nil)
    },
    ConformanceCase("a payload of the largest size comes back unchanged") { test async throws in
      var trigger = Trigger.of()
      trigger.payload.data = (0..<Limits.payloadBytesMax).map { UInt8(truncatingIfNeeded: $0 * 7) }
      #expect(try await test.store.accept(trigger, []) == .accepted(held: []))
      let stored = try await test.store.trigger(trigger.triggerID, in: .default)
      #expect(stored?.trigger == trigger)
    },
    ConformanceCase("a trigger may have as many invocations as the limit says") {
      test async throws in
      let count = Limits.invocationsPerTriggerMax
      let made = try await test.store.trigger("e", Array(repeating: "f", count: count))
      let stored = try await test.store.trigger(made.trigger.triggerID, in: .default)
      #expect(stored?.tally == tally(.pending, count))
      let last = made.invocations[count - 1]
      #expect(try await test.store.invocation(last.id, in: .default) == last)
    },
    ConformanceCase("the same request twice is one trigger") { test async throws in
      let first = Trigger.of(at: .at(1), requestID: "r")
      #expect(try await test.store.accept(first, first.invocations(["f"])) == .accepted(held: []))
      let second = Trigger.of(at: .at(2), requestID: "r")
      let outcome = try await test.store.accept(second, second.invocations(["f", "g"]))
      #expect(outcome == .duplicate(StoredTrigger(first, tally(.pending, 1))))
      #expect(try await test.store.trigger(second.triggerID, in: .default) == nil)
      #expect(
        try await test.store.invocations(InvocationQuery(in: .default, limit: 9)).items.count == 1)
    },
    ConformanceCase("a duplicate comes with how far the first is by now") { test async throws in
      let first = Trigger.of(requestID: "r")
      let invocations = first.invocations(["f", "g"])
      _ = try await test.store.accept(first, invocations)
      _ = try await test.store.record(invocations[0].ended(.succeeded))
      var expected = tally(.pending, 1)
      expected[.succeeded] = 1
      #expect(
        try await test.store.accept(Trigger.of(requestID: "r"), [])
          == .duplicate(StoredTrigger(first, expected)))
    },
    ConformanceCase("a trigger is found by its request id, in its organization, after a restart") {
      test async throws in
      let first = Trigger.of(requestID: "r")
      _ = try await test.store.accept(first, [])
      _ = try await test.store.accept(Trigger.of(), [])
      try await test.reopen()
      let found = try await test.store.trigger(ofRequest: "r", in: .default)
      #expect(found?.trigger == first)
      #expect(try await test.store.trigger(ofRequest: "r", in: .other) == nil)
      #expect(try await test.store.trigger(ofRequest: "s", in: .default) == nil)
      #expect(try await test.store.trigger(ofRequest: "", in: .default) == nil)
    },
    ConformanceCase("a request id that comes with another trigger is a conflict") {
      test async throws in
      let first = Trigger.of("order.created", requestID: "r")
      _ = try await test.store.accept(first, [])
      var others = [
        Trigger.of("order.created", data: "[]", requestID: "r"),
        Trigger.of("order.deleted", requestID: "r"),
      ]
      others.append(others[0])
      others[2].payload = first.payload
      others[2].metadata = ["a": "b"]
      for other in others {
        #expect(try await test.store.accept(other, []) == .conflict(first.triggerID))
        #expect(try await test.store.trigger(other.triggerID, in: .default) == nil)
      }
    },
    ConformanceCase("a request that left the payload to the event is the same under new defaults") {
      test async throws in
      var event = Event()
      event.data = [1]
      var first = Trigger.of(data: "", requestID: "r")
      first.complete(from: event)
      _ = try await test.store.accept(first, [])
      try await test.reopen()
      event.data = [2]
      var again = Trigger.of(data: "", requestID: "r")
      again.complete(from: event)
      #expect(
        try await test.store.accept(again, [])
          == .duplicate(StoredTrigger(first, InvocationTally())))
      let other = Trigger.of(data: "[]", requestID: "r")
      #expect(try await test.store.accept(other, []) == .conflict(first.triggerID))
    },
    ConformanceCase("organizations have their own trigger request ids, and empty ones are none") {
      test async throws in
      _ = try await test.store.accept(.of(requestID: "r"), [])
      #expect(
        try await test.store.accept(.of(requestID: "r", in: .other), []) == .accepted(held: []))
      #expect(try await test.store.accept(.of(requestID: ""), []) == .accepted(held: []))
      #expect(try await test.store.accept(.of(requestID: ""), []) == .accepted(held: []))
    },
    ConformanceCase("of equal requests at the same time one is accepted") { test async throws in
      let store = test.store
      let outcomes = try await withThrowingTaskGroup { group in
        for _ in 0..<32 {
          group.addTask {
            let trigger = Trigger.of(requestID: "r")
            return try await store.accept(trigger, trigger.invocations(["f"]))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(outcomes.count { $0 == .accepted(held: []) } == 1)
      let listed = try await store.triggers(TriggerQuery(in: .default, limit: 99)).items
      #expect(listed.count == 1)
      let first = try #require(listed.first)
      #expect(outcomes.count { $0 == .duplicate(first) } == 31)
    },
    ConformanceCase("a trigger that is tried again under its own id is there once") {
      test async throws in
      let trigger = Trigger.of()
      _ = try await test.store.accept(trigger, trigger.invocations(["f"]))
      let again = try await test.store.accept(trigger, trigger.invocations(["f"]))
      #expect(again == .duplicate(StoredTrigger(trigger, tally(.pending, 1))))
    },
    ConformanceCase("what many tasks accept at once is all there, once") { test async throws in
      let store = test.store
      let ids = try await withThrowingTaskGroup { group in
        for number in 0..<200 {
          group.addTask {
            try await store.trigger("e\(number % 3)", ["f\(number % 5)"], at: .at(number))
              .trigger.triggerID
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let stored = try await store.triggers(TriggerQuery(in: .default, limit: 999)).items
      #expect(stored.count == 200)
      #expect(Set(stored.map(\.trigger.triggerID)) == Set(ids))
      let invocations = try await store.invocations(InvocationQuery(in: .default, limit: 999)).items
      #expect(Set(invocations.map(\.id.triggerID)) == Set(ids))
      #expect(invocations.count == 200)
    },
  ]

  static let triggerPages: [ConformanceCase] = [
    ConformanceCase("triggers are listed newest first, page by page") { test async throws in
      let made = try await fiveTriggers(test)
      try await test.store.trigger(in: .other)
      var query = TriggerQuery(in: .default, limit: 2)
      var pages: [[UniqueID]] = []
      repeat {
        pages.append(try await test.store.triggers(query).items.map(\.trigger.triggerID))
        query.after = pages.last?.last
      } while pages.last?.isEmpty == false
      #expect(pages == [[made[4], made[3]], [made[2], made[1]], [made[0]], []])
    },
    ConformanceCase("a page says whether there are more triggers") { test async throws in
      _ = try await fiveTriggers(test)
      for (limit, hasMore) in [(4, true), (5, false), (6, false)] {
        #expect(
          try await test.store.triggers(TriggerQuery(in: .default, limit: limit)).hasMore == hasMore
        )
      }
    },
    ConformanceCase("a page of large triggers ends early, but holds one") { test async throws in
      var trigger = Trigger.of()
      for size in [Limits.pageBytesMax / 2, Limits.pageBytesMax / 2, Limits.pageBytesMax + 1] {
        trigger.triggerID = UniqueID(at: .now())
        trigger.payload.data = [UInt8](repeating: 7, count: size)
        #expect(try await test.store.accept(trigger, []) == .accepted(held: []))
      }
      var query = TriggerQuery(in: .default, limit: 9)
      var sizes: [[Int]] = []
      var page: Page<StoredTrigger>
      repeat {
        page = try await test.store.triggers(query)
        query.after = page.items.last?.trigger.triggerID
        sizes.append(page.items.map { $0.trigger.payload.data.count })
      } while page.hasMore
      #expect(
        sizes == [[Limits.pageBytesMax + 1], [Limits.pageBytesMax / 2, Limits.pageBytesMax / 2]])
    },
    ConformanceCase("triggers are listed by event") { test async throws in
      let made = try await fiveTriggers(test)
      var query = TriggerQuery(in: .default, event: "even", limit: 9)
      #expect(
        try await test.store.triggers(query).items.map(\.trigger.triggerID)
          == [made[4], made[2], made[0]])
      query.after = made[3]
      #expect(
        try await test.store.triggers(query).items.map(\.trigger.triggerID) == [made[2], made[0]])
      query.event = "unheard.of"
      #expect(try await test.store.triggers(query).items.isEmpty)
    },
    ConformanceCase("a page may begin before a trigger that is gone") { test async throws in
      let made = try await fiveTriggers(test)
      var query = TriggerQuery(in: .default, after: UniqueID(at: .at(30)), limit: 9)
      #expect(
        try await test.store.triggers(query).items.map(\.trigger.triggerID)
          == [made[2], made[1], made[0]])
      query.after = UniqueID(at: start)
      #expect(try await test.store.triggers(query).items.isEmpty)
    },
    ConformanceCase("listed triggers come with their tallies") { test async throws in
      let made = try await test.store.trigger("e", ["f", "g"])
      _ = try await test.store.record(made.invocations[1].ended(.failed))
      var expected = tally(.pending, 1)
      expected[.failed] = 1
      #expect(
        try await test.store.triggers(TriggerQuery(in: .default, limit: 1)).items
          == [StoredTrigger(made.trigger, expected)])
    },
  ]

  private static func fiveTriggers(_ test: StoreUnderTest) async throws -> [UniqueID] {
    var ids: [UniqueID] = []
    for number in 0..<5 {
      let event = number.isMultiple(of: 2) ? "even" : "odd"
      let made = try await test.store.trigger(event, at: .at((number + 1) * 10 - 5))
      ids.append(made.trigger.triggerID)
    }
    return ids
  }

  static func tally(_ state: Invocation.State, _ count: Int) -> InvocationTally {
    var tally = InvocationTally()
    tally[state] = count
    return tally
  }
}
