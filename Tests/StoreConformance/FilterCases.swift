import EventCore
import Testing

extension ConformanceCase {
  static let filters: [ConformanceCase] = [
    ConformanceCase("triggers are listed oldest first if asked") { test async throws in
      let made = try await triggers(test, ["e", "x", "e", "x", "e"])
      var query = TriggerQuery(in: .default, limit: 2)
      query.isOldestFirst = true
      #expect(try await pages(test, query) == made)
      query.event = "e"
      #expect(try await pages(test, query) == [made[0], made[2], made[4]])
      query.after = made[1]
      #expect(try await pages(test, query) == [made[2], made[4]])
    },
    ConformanceCase("triggers are listed by when they were received") { test async throws in
      let made = try await triggers(test, ["e", "x", "e", "x", "e"])
      var query = TriggerQuery(in: .default, received: .at(1)..<(.at(4)), limit: 1)
      #expect(try await pages(test, query) == [made[3], made[2], made[1]])
      query.isOldestFirst = true
      #expect(try await pages(test, query) == [made[1], made[2], made[3]])
      query.event = "e"
      #expect(try await pages(test, query) == [made[2]])
      query.received = .at(9)..<(.at(99))
      #expect(try await pages(test, query) == [])
    },
    ConformanceCase("a copy is listed by when the first was received, in its own place") {
      test async throws in
      let made = try await triggers(test, ["e", "e"])
      var copy = Trigger.of("e", at: .at(50))
      copy.receivedAt = .at(0)
      copy.replayTime = .at(50)
      _ = try await test.store.accept(copy, [])
      let query = TriggerQuery(in: .default, received: .at(0)..<(.at(1)), limit: 1)
      #expect(try await pages(test, query) == [copy.triggerID, made[0]])
    },
    ConformanceCase("invocations are listed by event and by when they were received") {
      test async throws in
      let first = try await test.store.trigger("e", ["a", "b"], at: .at(1)).invocations
      let second = try await test.store.trigger("x", ["a"], at: .at(2)).invocations
      let third = try await test.store.trigger("e", ["a"], at: .at(3)).invocations
      #expect(try await test.store.record(first[0].ended(.failed)))
      #expect(try await test.store.record(third[0].ended(.failed)))
      func ids(_ edit: (inout InvocationQuery) -> Void) async throws -> [InvocationID] {
        var query = InvocationQuery(in: .default, limit: 1)
        edit(&query)
        return try await pages(test, query)
      }
      #expect(try await ids { $0.event = "e" } == [third[0].id, first[0].id, first[1].id])
      #expect(
        try await ids {
          $0.event = "e"
          $0.functionID = "b"
        } == [first[1].id])
      #expect(try await ids { $0.event = "unheard-of" } == [])
      #expect(
        try await ids { $0.received = .at(1)..<(.at(3)) }
          == [second[0].id, first[0].id, first[1].id])
      #expect(
        try await ids {
          $0.event = "e"
          $0.states = [.failed]
        } == [third[0].id, first[0].id])
      #expect(
        try await ids {
          $0.event = "e"
          $0.states = [.failed]
          $0.received = .at(0)..<(.at(3))
          $0.subscriptionID = "s-a"
        } == [first[0].id])
    },
  ]

  private static func triggers(
    _ test: StoreUnderTest, _ events: [String]
  ) async throws -> [UniqueID] {
    var ids: [UniqueID] = []
    for (second, event) in events.enumerated() {
      ids.append(try await test.store.trigger(event, [], at: .at(second)).trigger.triggerID)
    }
    return ids
  }

  private static func pages(
    _ test: StoreUnderTest, _ query: TriggerQuery
  ) async throws -> [UniqueID] {
    var query = query
    var ids: [UniqueID] = []
    while true {
      let page = try await test.store.triggers(query)
      ids += page.items.map(\.trigger.triggerID)
      guard page.hasMore, let last = ids.last else { return ids }
      query.after = last
    }
  }

  private static func pages(
    _ test: StoreUnderTest, _ query: InvocationQuery
  ) async throws -> [InvocationID] {
    var query = query
    var ids: [InvocationID] = []
    while true {
      let page = try await test.store.invocations(query)
      ids += page.items.map(\.id)
      guard page.hasMore, let last = ids.last else { return ids }
      query.after = last
    }
  }
}
