import EventCore
import Testing

extension ConformanceCase {
  static let cancels: [ConformanceCase] = [
    ConformanceCase("a cancelled trigger ends all of its invocations that are unfinished") {
      test async throws in
      let made = try await test.store.trigger("e", ["a", "b", "c"])
      let done = made.invocations[0].ended(.succeeded)
      #expect(try await test.store.record(done))
      let consequences = try await test.cancel(.trigger(made.trigger.triggerID), at: .at(5))
      #expect(consequences.organization == .default)
      #expect(consequences.changed.map(\.id) == made.invocations.dropFirst().map(\.id))
      #expect(try await test.store.invocation(done.id, in: .default) == done)
      for invocation in consequences.changed {
        #expect(try await test.store.invocation(invocation.id, in: .default) == invocation)
        #expect(invocation.state == .cancelled)
        #expect(invocation.error == .byUser)
        #expect(invocation.attempts.isEmpty)
        #expect(invocation.revision == 1)
      }
      let stored = try await test.store.trigger(made.trigger.triggerID, in: .default)
      #expect(stored?.state == .cancelled)
      #expect(try await test.store.lanes().isEmpty)
    },
    ConformanceCase("what runs is cancelled with its attempt") { test async throws in
      let made = try await test.store.trigger("e", ["a", "b"])
      let id = made.invocations[0].id
      try await test.cancel(.invocation(id), at: .at(5), running: [id])
      let cancelled = try await test.invocation(id)
      #expect(cancelled.attempts.map(\.number) == [1])
      #expect(cancelled.attempts.first?.endTime == .at(5))
      #expect(cancelled.attempts.first?.error == .byUser)
      #expect(try await test.invocation(made.invocations[1].id).state == .pending)
      #expect(try await test.store.record(made.invocations[0].ended(.succeeded)) == false)
    },
    ConformanceCase("a retry that waits is cancelled, its attempts stay") { test async throws in
      let made = try await test.store.trigger()
      let id = made.invocations[0].id
      try await test.end(id, .retrying, retryAt: .at(50))
      try await test.cancel(.invocation(id))
      let cancelled = try await test.invocation(id)
      #expect(cancelled.state == .cancelled)
      #expect(cancelled.attempts.count == 1)
      #expect(cancelled.nextAttemptTime == nil)
      #expect(try await test.store.due(Lane(.default, "f"), at: .at(99), limit: 9) == DueWork())
    },
    ConformanceCase("what has finished stays as it is") { test async throws in
      let made = try await test.store.trigger()
      let done = made.invocations[0].ended(.failed)
      #expect(try await test.store.record(done))
      for target in [
        CancelTarget.invocation(done.id), .trigger(made.trigger.triggerID),
      ] {
        #expect(try await test.cancel(target).changed.isEmpty)
      }
      #expect(try await test.store.invocation(done.id, in: .default) == done)
    },
    ConformanceCase("what is not there can't be cancelled") { test async throws in
      let made = try await test.store.trigger(in: .other)
      for target in [
        CancelTarget.invocation(made.invocations[0].id), .trigger(made.trigger.triggerID),
        .trigger(UniqueID(at: start)),
      ] {
        let consequences = try await test.store.cancel(
          target, in: .default, .byUser, at: start, running: nothingRuns)
        #expect(consequences == nil)
      }
      #expect(try await test.invocation(made.invocations[0].id, in: .other).state == .pending)
    },
    ConformanceCase("a cancelled trigger starts no other member of its groups") {
      test async throws in
      for strategy in [SubscriptionGroup.Strategy.sequence, .firstSuccess, .parallel] {
        let plan = TriggerPlan.group(strategy)
        try await test.accept(plan)
        let consequences = try await test.cancel(.trigger(plan.id))
        #expect(try await test.states(plan) == [.cancelled, .cancelled, .cancelled])
        #expect(consequences.changed.count == 3)
        #expect(consequences.lanes == [])
      }
    },
    ConformanceCase("what is held is cancelled too, and no longer held") { test async throws in
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      try await test.accept(first, second)
      try await test.cancel(.invocation(second.id(0)))
      let cancelled = try await test.invocation(second.id(0))
      #expect(cancelled.state == .cancelled)
      #expect(cancelled.holds == [])
      try await test.end(first.id(0), .succeeded)
      #expect(try await test.invocation(second.id(0)) == cancelled)
    },
  ]
}
