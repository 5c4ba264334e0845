import EventCore
import Testing

extension ConformanceCase {
  static let deadlines: [ConformanceCase] = [
    ConformanceCase("a group ends at its deadline, not before") { test async throws in
      let plan = TriggerPlan.group(.sequence) { $0.timeout = .seconds(10) }
      try await test.accept(plan)
      let early = try await expire(test, at: .at(10) + .nanoseconds(-1))
      #expect(early.count == 0)
      #expect(early.next == .at(10))
      #expect(try await test.runnable(plan) == [0])
      let late = try await expire(test, at: .at(10), running: [plan.id(0)])
      #expect(late.count == 1)
      #expect(late.next == nil)
      #expect(
        Set(late.consequences.flatMap(\.changed).map(\.id)) == Set(plan.invocations.map(\.id)))
      #expect(try await test.states(plan) == [.failed, .skipped, .skipped])
      let failed = try await test.invocation(plan.id(0))
      #expect(failed.error == .groupTimeout)
      #expect(failed.attempts.map(\.error) == [.groupTimeout])
      #expect(failed.attempts.first?.endTime == .at(10))
      #expect(try await test.store.trigger(plan.id, in: .default)?.state == .failed)
      #expect(try await expire(test, at: .at(99)).count == 0)
    },
    ConformanceCase("at a deadline a retry fails, and what has finished stays") {
      test async throws in
      let plan = TriggerPlan.group(.parallel) { $0.timeout = .seconds(10) }
      try await test.accept(plan)
      try await test.end(plan.id(0), .succeeded)
      try await test.end(plan.id(1), .retrying, retryAt: .at(99))
      #expect(try await expire(test, at: .at(10)).count == 1)
      #expect(try await test.states(plan) == [.succeeded, .failed, .skipped])
      #expect(try await test.invocation(plan.id(1)).attempts.count == 1)
    },
    ConformanceCase("a group that has finished has no deadline any more") { test async throws in
      let plan = TriggerPlan.group(.sequence) { $0.timeout = .seconds(10) }
      try await test.accept(plan)
      try await test.end(plan.id(0), .failed)
      let upkeep = try await expire(test, at: .at(10))
      #expect(upkeep.count == 0)
      #expect(upkeep.next == nil)
    },
    ConformanceCase("deadlines are treated in batches, after a restart too") { test async throws in
      for number in 0..<5 {
        try await test.accept(
          .group(.parallel, ["a"], at: .at(number)) { $0.timeout = .seconds(10) })
      }
      try await test.reopen()
      var upkeep = try await expire(test, at: .at(13), limit: 3)
      #expect(upkeep.count == 3)
      #expect(try #require(upkeep.next) <= .at(13))
      upkeep = try await expire(test, at: .at(13), limit: 3)
      #expect(upkeep.count == 1)
      #expect(upkeep.next == .at(14))
    },
    ConformanceCase("what a deadline ends gives way to the next of its key") { test async throws in
      let first = TriggerPlan.group(.parallel, key: "k") { $0.timeout = .seconds(10) }
      let second = TriggerPlan.group(.parallel, key: "k", at: .at(1))
      try await test.accept(first, second)
      let upkeep = try await expire(test, at: .at(10))
      #expect(try await test.runnable(second) == [0, 1, 2])
      let lanes = Set(["a", "b", "c"].map { Lane(.default, $0) })
      #expect(upkeep.consequences.reduce(into: Set()) { $0.formUnion($1.lanes) } == lanes)
    },
    ConformanceCase("a redrive drops the deadline of its group") { test async throws in
      let plan = TriggerPlan.group(.sequence) { $0.timeout = .seconds(10) }
      try await test.accept(plan)
      #expect(try await expire(test, at: .at(10)).count == 1)
      try await test.redrive(plan.id(0), at: .at(20))
      let upkeep = try await expire(test, at: .at(99))
      #expect(upkeep.count == 0)
      #expect(upkeep.next == nil)
      #expect(try await test.runnable(plan) == [0])
    },
  ]

  private static func expire(
    _ test: StoreUnderTest, at now: Timestamp, limit: Int = 99, running: [InvocationID] = []
  ) async throws -> Upkeep {
    try await test.store.expireGroups(at: now, limit: limit, running: attempts(of: running))
  }
}
