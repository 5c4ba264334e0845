import EventCore
import Testing

extension ConformanceCase {
  static let dueWork: [ConformanceCase] = [
    ConformanceCase("what runs is left out of due work, and not counted") { test async throws in
      var made: [InvocationID] = []
      for second in 0..<6 {
        made.append(try await test.store.trigger("e", ["f"], at: .at(second)).invocations[0].id)
      }
      func due(_ limit: Int, without running: Set<InvocationID>) async throws -> [InvocationID] {
        try await test.store.due(
          Lane(.default, "f"), at: .at(9), limit: limit, without: running
        ).assignments.map(\.invocation.id)
      }
      #expect(try await due(2, without: [made[0], made[1], made[3]]) == [made[2], made[4]])
      #expect(try await due(9, without: Set(made)) == [])
      #expect(try await due(2, without: [made[5]]) == [made[0], made[1]])
    },
    ConformanceCase("one of a trigger that runs leaves the others of it in") { test async throws in
      let made = try await test.store.trigger("e", ["f", "f", "f"])
      let due = try await test.store.due(
        Lane(.default, "f"), at: start, limit: 9, without: [made.invocations[1].id])
      #expect(due.assignments.map(\.invocation.id.ordinal) == [0, 2])
    },
    ConformanceCase("a trigger that is put off is due at its time, not before") {
      test async throws in
      var plan = TriggerPlan.keyed("")
      plan.trigger.deliverAt = .at(60)
      plan.invocations[0].nextAttemptTime = .at(60)
      try await test.accept(plan)
      #expect(try await test.store.lanes() == [Lane(.default, "f")])
      #expect(
        try await test.store.due(Lane(.default, "f"), at: .at(59), limit: 9)
          == DueWork(nextDueTime: .at(60)))
      try await test.reopen()
      #expect(try await test.runnable(plan, at: .at(60)) == [0])
    },
    ConformanceCase("what is held is neither due nor is its time told") { test async throws in
      let plan = TriggerPlan.group(.sequence, ["f", "g"])
      try await test.accept(plan)
      #expect(try await test.store.due(Lane(.default, "g"), at: .at(9), limit: 9) == DueWork())
      #expect(try await test.store.due(Lane(.default, "g"), at: .at(-9), limit: 9) == DueWork())
      #expect(try await test.store.lanes() == [Lane(.default, "f")])
    },
    ConformanceCase("the next time is told although the page is full") { test async throws in
      let made = try await test.store.trigger("e", ["f", "f", "f"])
      try await test.end(made.invocations[2].id, .retrying, retryAt: .at(70))
      let due = try await test.store.due(Lane(.default, "f"), at: .at(9), limit: 1)
      #expect(due.assignments.count == 1)
      #expect(due.nextDueTime == .at(70))
    },
    ConformanceCase("what was due is not due when the clock went back, but its time is told") {
      test async throws in
      try await test.store.trigger("e", ["f"], at: .at(10))
      let due = try await test.store.due(Lane(.default, "f"), at: .at(5), limit: 9)
      #expect(due == DueWork(nextDueTime: .at(10)))
    },
  ]
}
