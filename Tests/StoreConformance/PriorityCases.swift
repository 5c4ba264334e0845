import EventCore
import Testing

extension ConformanceCase {
  static let priorities: [ConformanceCase] = [
    ConformanceCase("the highest priority comes first, and among equals the longest due") {
      test async throws in
      let made = try await test.accept(priorities: [0, 7, -100, 100, 7])
      let expected = [3, 1, 4, 0, 2].map { made[$0] }
      #expect(try await ids(test, limit: 9) == expected)
      for limit in 0...5 {
        #expect(try await ids(test, limit: limit) == Array(expected.prefix(limit)))
      }
      try await test.reopen()
      #expect(try await ids(test, limit: 9) == expected)
      #expect(try await test.invocation(made[2]).priority == -100)
    },
    ConformanceCase("by age the longest due comes first, whatever its priority") {
      test async throws in
      let made = try await test.accept(priorities: [0, 7, -100, 100, 7])
      #expect(try await ids(test, limit: 9, by: .age) == made)
      #expect(try await ids(test, limit: 2, by: .age) == Array(made.prefix(2)))
      #expect(try await ids(test, limit: 1, without: [made[0]], by: .age) == [made[1]])
    },
    ConformanceCase("one can ask for what is of a higher priority only") { test async throws in
      let made = try await test.accept(priorities: [0, 7, -100, 100, 7])
      #expect(try await ids(test, limit: 9, by: .priority(above: 0)) == [3, 1, 4].map { made[$0] })
      #expect(try await ids(test, limit: 9, by: .priority(above: 7)) == [made[3]])
      #expect(try await ids(test, limit: 9, by: .priority(above: 100)) == [])
      #expect(try await ids(test, limit: 9, by: .priority(above: -101)).count == 5)
    },
    ConformanceCase("what is known is left out at every priority, and not counted") {
      test async throws in
      let made = try await test.accept(priorities: [0, 1, 0, 1, 0])
      #expect(
        try await ids(test, limit: 3, without: [made[1], made[0]]) == [3, 2, 4].map { made[$0] })
    },
    ConformanceCase("what is not due yet of a high priority stands in nobody's way") {
      test async throws in
      let made = try await test.accept(priorities: [100, 0])
      try await test.end(made[0], .retrying, retryAt: .at(60))
      let lane = Lane(.default, "f")
      let work = try await test.store.due(lane, at: .at(9), limit: 1)
      #expect(work.assignments.map(\.invocation.id) == [made[1]])
      #expect(work.nextDueTime == .at(60))
      let above = try await test.store.due(lane, at: .at(9), limit: 1, by: .priority(above: 0))
      #expect(above == DueWork(nextDueTime: .at(60)))
      #expect(try await ids(test, at: .at(60), limit: 9) == made)
    },
    ConformanceCase("a priority stays over a failure, a redrive, and what was held") {
      test async throws in
      let made = try await test.accept(priorities: [0, 50])
      try await test.end(made[1], .failed)
      #expect(try await ids(test, limit: 9) == [made[0]])
      _ = try await test.store.redrive([made[1]], in: .default, at: .at(9))
      #expect(try await ids(test, limit: 9) == [made[1], made[0]])
      var first = TriggerPlan.keyed("k")
      first.invocations[0].priority = 60
      var second = TriggerPlan.keyed("k")
      second.invocations[0].priority = 70
      try await test.accept(first, second)
      #expect(try await ids(test, limit: 1) == [first.id(0)])
      try await test.end(first.id(0), .succeeded)
      #expect(try await ids(test, limit: 1) == [second.id(0)])
    },
    ConformanceCase("a lane is one however many priorities it has") { test async throws in
      let made = try await test.accept(priorities: [-1, 1])
      #expect(try await test.store.lanes() == [Lane(.default, "f")])
      try await test.end(made[1], .succeeded)
      #expect(try await test.store.lanes() == [Lane(.default, "f")])
      try await test.end(made[0], .succeeded)
      #expect(try await test.store.lanes() == [])
    },
  ]

  private static func ids(
    _ test: StoreUnderTest, at now: Timestamp = .at(9), limit: Int,
    without known: Set<InvocationID> = [], by order: DueOrder = .priority(above: nil)
  ) async throws -> [InvocationID] {
    try await test.store.due(Lane(.default, "f"), at: now, limit: limit, without: known, by: order)
      .assignments.map(\.invocation.id)
  }
}

extension StoreUnderTest {
  /// An invocation of function `f` for each, a second after the one before.
  fileprivate func accept(priorities: [Int32]) async throws -> [InvocationID] {
    var made: [InvocationID] = []
    for (second, priority) in priorities.enumerated() {
      var plan = TriggerPlan.keyed("", at: .at(second))
      plan.invocations[0].priority = priority
      try await accept(plan)
      made.append(plan.id(0))
    }
    return made
  }
}
