import EventCore
import Testing

extension ConformanceCase {
  static let redrives: [ConformanceCase] = [
    ConformanceCase("what did not succeed is taken up again, with all it had") {
      test async throws in
      for state in [Invocation.State.failed, .cancelled, .skipped] {
        let made = try await test.store.trigger()
        var ended = made.invocations[0].ended(state)
        ended.output = Output(payload: Payload(data: [1]))
        ended.logs = [LogLine(time: .at(0), attempt: 1, text: "x")]
        #expect(try await test.store.record(ended))
        let consequences = try await test.redrive(ended.id, at: .at(60))
        var expected = ended.redriven(at: .at(60))
        #expect(try await test.invocation(ended.id) == expected)
        (expected.output, expected.logs) = (nil, [])
        #expect(consequences.changed == [expected])
        #expect(consequences.lanes == [Lane(.default, "f")])
        let stored = try await test.store.trigger(made.trigger.triggerID, in: .default)
        #expect(stored?.tally == tally(.pending, 1))
        try await test.end(ended.id, .succeeded, at: .at(61))
      }
    },
    ConformanceCase("an attempt that began before a redrive is not recorded after it") {
      test async throws in
      let stale = try await test.store.trigger().invocations[0]
      try await test.end(stale.id, .failed)
      try await test.redrive(stale.id, at: .at(60))
      #expect(try await test.store.record(stale.ended(.succeeded)) == false)
      #expect(try await test.invocation(stale.id).state == .pending)
    },
    ConformanceCase("what is redriven is due, also after a restart") { test async throws in
      let made = try await test.store.trigger()
      try await test.end(made.invocations[0].id, .failed)
      try await test.redrive(made.invocations[0].id, at: .at(60))
      try await test.reopen()
      let lane = Lane(.default, "f")
      #expect(
        try await test.store.due(lane, at: .at(59), limit: 9) == DueWork(nextDueTime: .at(60)))
      let work = try await test.store.due(lane, at: .at(60), limit: 9)
      #expect(work.assignments.map(\.invocation.redrive?.attempts) == [1])
      #expect(try await test.store.lanes() == [lane])
    },
    ConformanceCase("what succeeded, is unfinished, is elsewhere or gone is left alone") {
      test async throws in
      let made = try await test.store.trigger("e", ["a", "b"])
      try await test.end(made.invocations[0].id, .succeeded)
      let elsewhere = try await test.store.trigger(in: .other)
      let failed = elsewhere.invocations[0].ended(.failed)
      #expect(try await test.store.record(failed))
      let gone = InvocationID(triggerID: UniqueID(at: start), ordinal: 0)
      let consequences = try await test.redrive(
        made.invocations[0].id, made.invocations[1].id, failed.id, gone)
      #expect(consequences.changed.isEmpty)
      #expect(consequences.lanes.isEmpty)
      #expect(try await test.invocation(made.invocations[0].id).state == .succeeded)
      #expect(try await test.invocation(made.invocations[1].id).revision == 0)
      #expect(try await test.store.invocation(failed.id, in: .other) == failed)
    },
    ConformanceCase("one that is named twice is taken up once") { test async throws in
      let id = try await test.store.trigger().invocations[0].id
      try await test.end(id, .failed)
      #expect(try await test.redrive(id, id).changed.count == 1)
      #expect(try await test.invocation(id).revision == 2)
      #expect(try await test.redrive(id).changed.isEmpty)
    },
    ConformanceCase("a redriven one waits for its key's turn, then comes before the later") {
      test async throws in
      let plans = (0..<3).map { TriggerPlan.keyed("k", at: .at($0)) }
      for plan in plans { try await test.accept(plan) }
      try await test.end(plans[0].id(0), .failed)
      let consequences = try await test.redrive(plans[0].id(0), at: .at(9))
      #expect(consequences.changed.map(\.holds) == [.order])
      #expect(consequences.lanes == [])
      #expect(try await test.runnable(plans[0]) == [])
      try await test.cancel(.invocation(plans[2].id(0)))
      #expect(try await test.runnable(plans[0]) == [])
      try await test.end(plans[1].id(0), .succeeded)
      #expect(try await test.runnable(plans[0]) == [0])
    },
    ConformanceCase("a redriven one whose key is free runs, and the later wait for it") {
      test async throws in
      let first = TriggerPlan.keyed("k")
      try await test.accept(first)
      try await test.end(first.id(0), .failed)
      try await test.redrive(first.id(0))
      #expect(try await test.runnable(first) == [0])
      #expect(try await test.store.accept(.keyed("k", at: .at(1))) == .accepted(held: [0]))
    },
    ConformanceCase("of one key those that are redriven together keep their order") {
      test async throws in
      let plans = (0..<3).map { TriggerPlan.keyed("k", at: .at($0)) }
      for plan in plans { try await test.accept(plan) }
      for plan in plans { try await test.end(plan.id(0), .failed) }
      try await test.redrive(plans[2].id(0), plans[0].id(0), plans[1].id(0))
      for plan in plans {
        #expect(try await test.runnable(plan) == [0])
        try await test.end(plan.id(0), .succeeded)
      }
    },
    ConformanceCase("a redrive in a sequence brings back what was skipped after it, in turn") {
      test async throws in
      let plan = TriggerPlan.group(.sequence)
      try await test.accept(plan)
      try await test.end(plan.id(0), .succeeded)
      try await test.end(plan.id(1), .failed)
      let consequences = try await test.redrive(plan.id(1), at: .at(9))
      #expect(consequences.changed.first?.id == plan.id(1))
      #expect(Set(consequences.changed.map(\.id)) == [plan.id(1), plan.id(2)])
      #expect(try await test.states(plan) == [.succeeded, .pending, .pending])
      #expect(try await test.holds(plan.id(2)) == .group)
      #expect(try await test.runnable(plan) == [1])
      try await test.end(plan.id(1), .succeeded)
      #expect(try await test.runnable(plan) == [2])
      try await test.end(plan.id(2), .succeeded)
      #expect(try await test.store.trigger(plan.id, in: .default)?.state == .succeeded)
    },
    ConformanceCase("members of a sequence that are redriven together run one after the other") {
      test async throws in
      let plan = TriggerPlan.group(.sequence) { $0.onFailure = .continue }
      try await test.accept(plan)
      for ordinal in 0..<3 { try await test.end(plan.id(ordinal), .failed) }
      try await test.redrive(plan.id(2), plan.id(0), plan.id(1))
      for ordinal in 0..<3 {
        #expect(try await test.runnable(plan) == [ordinal])
        try await test.end(plan.id(ordinal), .succeeded)
      }
    },
    ConformanceCase("what is redriven and still waits is skipped when its group has what it needs")
    {
      test async throws in
      let plan = TriggerPlan.group(.firstSuccess)
      try await test.accept(plan)
      for ordinal in 0..<3 { try await test.end(plan.id(ordinal), .failed) }
      try await test.redrive(plan.id(0), plan.id(1))
      #expect(try await test.runnable(plan) == [0])
      try await test.end(plan.id(0), .succeeded)
      #expect(try await test.states(plan) == [.succeeded, .skipped, .failed])
      #expect(try await test.holds(plan.id(1)) == [])
    },
    ConformanceCase("a redrive in a parallel group brings back what was skipped, at once") {
      test async throws in
      let plan = TriggerPlan.group(.parallel) { $0.onFailure = .stop }
      try await test.accept(plan)
      try await test.end(plan.id(1), .failed)
      #expect(try await test.states(plan) == [.skipped, .failed, .skipped])
      try await test.redrive(plan.id(1))
      #expect(try await test.runnable(plan) == [0, 1, 2])
    },
    ConformanceCase("what comes back with a redrive waits for the order of its key") {
      test async throws in
      let first = TriggerPlan.group(.sequence, ["a", "b"], key: "k")
      let second = TriggerPlan.keyed("k", ["b"], at: .at(1))
      try await test.accept(first, second)
      try await test.end(first.id(0), .failed)
      #expect(try await test.runnable(second) == [0])
      try await test.redrive(first.id(0))
      #expect(try await test.holds(first.id(1)) == [.order, .group])
      try await test.end(first.id(0), .succeeded)
      #expect(try await test.runnable(first) == [])
      try await test.end(second.id(0), .succeeded)
      #expect(try await test.runnable(first) == [1])
    },
  ]
}
