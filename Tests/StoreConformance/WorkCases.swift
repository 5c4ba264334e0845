import EventCore
import Testing

extension ConformanceCase {
  static let work: [ConformanceCase] = [
    ConformanceCase("a lane is a function that has unfinished invocations") { test async throws in
      #expect(try await test.store.lanes().isEmpty)
      let made = try await test.store.trigger("e", ["a", "b", "a"])
      try await test.store.trigger("e", ["a"], in: .other)
      let all: Set = [Lane(.default, "a"), Lane(.default, "b"), Lane(.other, "a")]
      #expect(try await Set(test.store.lanes()) == all)
      _ = try await test.store.record(made.invocations[0].ended(.succeeded))
      let retried = made.invocations[1].ended(.retrying, retryAt: .at(99))
      _ = try await test.store.record(retried)
      #expect(try await Set(test.store.lanes()) == all)
      _ = try await test.store.record(retried.ended(.failed))
      _ = try await test.store.record(made.invocations[2].ended(.cancelled))
      #expect(try await test.store.lanes() == [Lane(.other, "a")])
    },
    ConformanceCase("an accepted invocation is due at once, with its trigger") {
      test async throws in
      let made = try await test.store.trigger("e", ["f", "g"])
      let due = try await test.store.due(Lane(.default, "f"), at: start, limit: 9)
      #expect(due == DueWork(assignments: [Assignment(made.trigger, made.invocations[0])]))
    },
    ConformanceCase("a lane has its own work only") { test async throws in
      try await test.store.trigger("e", ["f"])
      for lane in [Lane(.default, "g"), Lane(.other, "f"), Lane(.other, "g")] {
        #expect(try await test.store.due(lane, at: .at(99), limit: 9) == DueWork())
      }
    },
    ConformanceCase("the longest due comes first, be it new or a retry") { test async throws in
      let late = try await test.store.trigger("e", ["f"], at: .at(30)).invocations[0]
      let early = try await test.store.trigger("e", ["f"], at: .at(10)).invocations[0]
      let retried = try await test.store.trigger("e", ["f"], at: .at(1)).invocations[0]
      _ = try await test.store.record(retried.ended(.retrying, retryAt: .at(20)))
      let expected = [early.id, retried.id, late.id]
      #expect(try await due(test, at: .at(40)) == expected)
      for limit in 0...2 {
        #expect(try await due(test, at: .at(40), limit: limit) == Array(expected.prefix(limit)))
      }
    },
    ConformanceCase("of those due since the same time the older comes first") { test async throws in
      let older = try await test.store.trigger("e", ["f"]).invocations[0]
      let newer = try await test.store.trigger("e", ["f"]).invocations[0]
      _ = try await test.store.record(newer.ended(.retrying, retryAt: .at(5)))
      _ = try await test.store.record(older.ended(.retrying, retryAt: .at(5)))
      #expect(try await due(test, at: .at(5)) == [older.id, newer.id])
    },
    ConformanceCase("a retry is due from its time on, which is said before") { test async throws in
      let first = try await test.store.trigger("e", ["f"]).invocations[0]
      let second = try await test.store.trigger("e", ["f"]).invocations[0]
      _ = try await test.store.record(first.ended(.retrying, retryAt: .at(20)))
      _ = try await test.store.record(second.ended(.retrying, retryAt: .at(10)))
      let lane = Lane(.default, "f")
      let before = start + .nanoseconds(9_999_999_999)
      #expect(
        try await test.store.due(lane, at: before, limit: 9) == DueWork(nextDueTime: .at(10)))
      let then = try await test.store.due(lane, at: .at(10), limit: 9)
      #expect(then.assignments.map(\.invocation.id) == [second.id])
      #expect(then.nextDueTime == .at(20))
      let later = try await test.store.due(lane, at: .at(20), limit: 9)
      #expect(later.assignments.map(\.invocation.id) == [second.id, first.id])
      #expect(later.nextDueTime == nil)
    },
    ConformanceCase("an invocation can be accepted for later") { test async throws in
      let trigger = Trigger.of()
      var invocations = trigger.invocations(["f"])
      invocations[0].nextAttemptTime = .at(60)
      _ = try await test.store.accept(trigger, invocations)
      #expect(try await due(test, at: .at(59)) == [])
      #expect(try await due(test, at: .at(60)) == [invocations[0].id])
      #expect(try await test.store.invocation(invocations[0].id, in: .default) == invocations[0])
    },
    ConformanceCase("finished work is not due") { test async throws in
      let made = try await test.store.trigger("e", ["f", "f", "f", "f", "f"])
      let states = Invocation.State.allCases.filter(\.isTerminal)
      for (invocation, state) in zip(made.invocations, states) {
        _ = try await test.store.record(invocation.ended(state))
      }
      #expect(try await due(test, at: .at(99)) == [made.invocations[4].id])
    },
  ]

  static let lifecycle: [ConformanceCase] = [
    ConformanceCase("everything is there after a restart") { test async throws in
      try await test.store.define(.create(.function("f")), .create(.event("e", function: "f")))
      let made = try await test.store.trigger("e", ["f", "f"])
      let done = made.invocations[0].ended(.succeeded)
      _ = try await test.store.record(done)
      let retrying = made.invocations[1].ended(.retrying, retryAt: .at(5))
      _ = try await test.store.record(retrying)
      try await test.reopen()
      let store = test.store
      #expect(try await store.definition(.init(.event, "e"), in: .default) != nil)
      #expect(
        try await store.trigger(made.trigger.triggerID, in: .default)?.trigger == made.trigger)
      #expect(try await store.invocation(done.id, in: .default) == done)
      #expect(
        try await store.due(Lane(.default, "f"), at: .at(5), limit: 9)
          == DueWork(assignments: [Assignment(made.trigger, retrying)]))
      #expect(try await store.lanes() == [Lane(.default, "f")])
      #expect(try await store.record(done) == false)
      try await store.trigger("e", ["f"])
    },
    ConformanceCase("a request id is known after a restart") { test async throws in
      let trigger = Trigger.of(requestID: "r")
      _ = try await test.store.accept(trigger, [])
      try await test.reopen()
      #expect(
        try await test.store.accept(.of(requestID: "r"), [])
          == .duplicate(StoredTrigger(trigger, InvocationTally())))
    },
    ConformanceCase("closing commits what was accepted before") { test async throws in
      let store = test.store
      let accepted = try await withThrowingTaskGroup { group in
        for number in 0..<64 {
          group.addTask { () -> UniqueID? in
            let trigger = Trigger.of(at: .at(number))
            do throws(StoreError) {
              guard try await store.accept(trigger, []) == .accepted(held: []) else { return nil }
              return trigger.triggerID
            } catch {
              #expect(error == .closed)
              return nil
            }
          }
        }
        group.addTask {
          await store.close()
          return nil
        }
        return try await group.reduce(into: Set()) { if let id = $1 { $0.insert(id) } }
      }
      try await test.reopen()
      let stored = try await test.store.triggers(TriggerQuery(in: .default, limit: 99)).items
      #expect(Set(stored.map(\.trigger.triggerID)) == accepted)
    },
    ConformanceCase("a closed store refuses every call") { test async throws in
      let store = test.store
      let made = try await store.trigger()
      await store.close()
      await store.close()
      let key = Definition.Key(.function, "f")
      let invocation = made.invocations[0]
      await closed { _ = try await store.commit(.init(in: .default, [], now: start)) }
      await closed { _ = try await store.definition(key, in: .default) }
      await closed { _ = try await store.definitions(.init(.event, in: .default, limit: 1)) }
      await closed { try await store.observeDefinitions { _ in } }
      await closed { _ = try await store.accept(.of(), []) }
      await closed { _ = try await store.trigger(made.trigger.triggerID, in: .default) }
      await closed { _ = try await store.triggers(.init(in: .default, limit: 1)) }
      await closed { _ = try await store.invocation(invocation.id, in: .default) }
      await closed { _ = try await store.invocations(.init(in: .default, limit: 1)) }
      await closed { _ = try await store.lanes() }
      await closed { _ = try await store.due(Lane(.default, "f"), at: start, limit: 1) }
      await closed { _ = try await store.record(invocation.ended(.succeeded)) }
      await closed {
        _ = try await store.cancel(
          .trigger(made.trigger.triggerID), in: .default, .byUser, at: start, running: nothingRuns)
      }
      await closed { _ = try await store.redrive([invocation.id], in: .default, at: start) }
      await closed { _ = try await store.changes(.init(in: .default, after: nil, limit: 1)) }
      await closed { _ = try await store.park(invocation.id, in: .default) }
      await closed { _ = try await store.unpark(limit: 1) }
      await closed {
        _ = try await store.expireGroups(at: start, limit: 1, running: nothingRuns)
      }
      await closed { _ = try await store.prune(at: start, limit: 1) }
    },
  ]

  private static func closed(_ call: () async throws -> Void) async {
    await #expect(throws: StoreError.closed) { try await call() }
  }

  private static func due(
    _ test: StoreUnderTest, at now: Timestamp, limit: Int = 99
  ) async throws -> [InvocationID] {
    try await test.store.due(Lane(.default, "f"), at: now, limit: limit)
      .assignments.map(\.invocation.id)
  }
}
