import EventCore
import Testing

extension ConformanceCase {
  static let groups: [ConformanceCase] = [
    ConformanceCase("a sequence runs one member after the other, also after a restart") {
      test async throws in
      let plan = TriggerPlan.group(.sequence)
      try await test.accept(plan)
      for ordinal in 0..<3 {
        #expect(try await test.runnable(plan) == [ordinal])
        try await test.reopen()
        #expect(try await test.runnable(plan) == [ordinal])
        let consequences = try await test.end(plan.id(ordinal), .succeeded)
        #expect(consequences.changed.map(\.id) == [plan.id(ordinal)])
        let next = ["b", "c"].dropFirst(ordinal).first.map { Lane(.default, $0) }
        #expect(consequences.lanes == Set([next].compactMap(\.self)))
      }
      #expect(try await test.store.trigger(plan.id, in: .default)?.state == .succeeded)
    },
    ConformanceCase("a member's retries finish before its group decides") { test async throws in
      let plan = TriggerPlan.group(.sequence)
      try await test.accept(plan)
      let consequences = try await test.end(plan.id(0), .retrying, retryAt: .at(5))
      #expect(consequences.changed.count == 1)
      #expect(try await test.runnable(plan) == [0])
      #expect(try await test.states(plan) == [.retrying, .pending, .pending])
    },
    ConformanceCase("a sequence that stops skips what is left") { test async throws in
      let plan = TriggerPlan.group(.sequence)
      try await test.accept(plan)
      let consequences = try await test.end(plan.id(0), .failed)
      #expect(consequences.changed.first?.id == plan.id(0))
      #expect(Set(consequences.changed.map(\.id)) == [plan.id(0), plan.id(1), plan.id(2)])
      #expect(try await test.states(plan) == [.failed, .skipped, .skipped])
      let skipped = try await test.invocation(plan.id(1))
      #expect(skipped.error == .skippedByGroup)
      #expect(skipped.holds == [])
      #expect(skipped.nextAttemptTime == nil)
      #expect(skipped.revision == 1)
      #expect(consequences.changed.contains(skipped))
    },
    ConformanceCase("a sequence that goes on starts the next after a failure") {
      test async throws in
      let plan = TriggerPlan.group(.sequence) { $0.onFailure = .continue }
      try await test.accept(plan)
      try await test.end(plan.id(0), .failed)
      #expect(try await test.runnable(plan) == [1])
    },
    ConformanceCase("the first success ends a failover") { test async throws in
      let plan = TriggerPlan.group(.firstSuccess)
      try await test.accept(plan)
      #expect(try await test.runnable(plan) == [0])
      try await test.end(plan.id(0), .failed)
      #expect(try await test.runnable(plan) == [1])
      try await test.end(plan.id(1), .succeeded)
      #expect(try await test.states(plan) == [.failed, .succeeded, .skipped])
      #expect(try await test.store.trigger(plan.id, in: .default)?.state == .succeeded)
    },
    ConformanceCase("of a group that runs one the others are skipped from the start") {
      test async throws in
      let plan = TriggerPlan.group(.oneOf)
      try await test.accept(plan)
      let states = try await test.states(plan)
      #expect(states == plan.invocations.map(\.state))
      #expect(states.count { $0 == .skipped } == 2)
      let chosen = try #require(states.firstIndex(of: .pending))
      #expect(try await test.runnable(plan) == [chosen])
      try await test.end(plan.id(chosen), .succeeded)
      #expect(try await test.store.trigger(plan.id, in: .default)?.state == .succeeded)
    },
    ConformanceCase("members get the output of the last before them that succeeded") {
      test async throws in
      let plan = TriggerPlan.group(.sequence, ["a", "b", "c", "d"]) {
        $0.pipesOutput = true
        $0.onFailure = .continue
      }
      try await test.accept(plan)
      #expect(try await test.input("a") == nil)
      var first = try await test.invocation(plan.id(0)).ended(.succeeded)
      first.output = Output(payload: Payload(data: [1, 2], dataType: "x/y"), isTruncated: true)
      #expect(try await test.store.record(first))
      #expect(try await test.input("b") == first.output)
      try await test.end(plan.id(1), .failed)
      #expect(try await test.input("c") == first.output)
      try await test.reopen()
      var third = try await test.invocation(plan.id(2)).ended(.succeeded)
      third.output = Output(payload: Payload(data: [3]))
      #expect(try await test.store.record(third))
      #expect(try await test.input("d") == third.output)
    },
    ConformanceCase("without a pipe every member gets the trigger's payload") {
      test async throws in
      let plan = TriggerPlan.group(.sequence)
      try await test.accept(plan)
      var first = try await test.invocation(plan.id(0)).ended(.succeeded)
      first.output = Output(payload: Payload(data: [1]))
      #expect(try await test.store.record(first))
      #expect(try await test.input("b") == nil)
    },
    ConformanceCase("a trigger reports its groups, and they decide over its state") {
      test async throws in
      var plan = TriggerPlan.group(.firstSuccess, ["a", "b"])
      var single = plan.trigger.invocations(["x", "x", "x"])[2]
      single.id = InvocationID(triggerID: plan.id, ordinal: 2)
      plan.invocations.append(single)
      try await test.accept(plan)
      #expect(try await test.store.trigger(plan.id, in: .default) == plan.stored)
      try await test.end(plan.id(0), .failed)
      try await test.end(plan.id(2), .succeeded)
      var stored = try #require(try await test.store.trigger(plan.id, in: .default))
      #expect(stored.tally == tally(.succeeded, 1))
      #expect(stored.groups == [GroupReport(plan.groups[0], states: [.failed, .pending])])
      #expect(stored.state == .running)
      try await test.end(plan.id(1), .succeeded)
      stored = try #require(try await test.store.trigger(plan.id, in: .default))
      #expect(stored.groups.map(\.outcome) == [.succeeded])
      #expect(stored.state == .succeeded)
      #expect(try await test.store.triggers(.init(in: .default, limit: 1)).items == [stored])
    },
    ConformanceCase("groups and those without one do not affect each other") { test async throws in
      var plan = TriggerPlan.group(.sequence, ["a", "b"])
      var other = plan.groups[0]
      other.groupID = "h"
      other.members = [2, 3]
      plan.groups.append(other)
      for (ordinal, function) in ["c", "d", "x"].enumerated() {
        var more = plan.trigger.invocations([function])[0]
        more.id = InvocationID(triggerID: plan.id, ordinal: ordinal + 2)
        more.groupID = function == "x" ? "" : "h"
        if function == "d" { more.holds = .group }
        plan.invocations.append(more)
      }
      try await test.accept(plan)
      try await test.end(plan.id(0), .failed)
      #expect(
        try await test.states(plan) == [.failed, .skipped, .pending, .pending, .pending])
      #expect(try await test.runnable(plan) == [2, 4])
      try await test.end(plan.id(4), .failed)
      try await test.end(plan.id(2), .succeeded)
      #expect(try await test.runnable(plan) == [3])
    },
  ]

  static let groupEnds: [ConformanceCase] = [
    ConformanceCase("a group that stops lets go on what runs, and skips what has not started") {
      test async throws in
      let plan = TriggerPlan.group(.parallel, ["a", "b", "c", "d"]) { $0.onFailure = .stop }
      try await test.accept(plan)
      try await test.end(plan.id(3), .retrying, retryAt: .at(50))
      let consequences = try await test.end(plan.id(0), .failed, running: [plan.id(1)])
      #expect(Set(consequences.changed.map(\.id)) == [plan.id(0), plan.id(2)])
      #expect(try await test.states(plan) == [.failed, .pending, .skipped, .retrying])
      try await test.end(plan.id(1), .succeeded)
      #expect(try await test.states(plan) == [.failed, .succeeded, .skipped, .retrying])
    },
    ConformanceCase("a group that cancels the rest stops what runs, with its attempt") {
      test async throws in
      let plan = TriggerPlan.group(.parallel) { $0.onFailure = .cancelRemaining }
      try await test.accept(plan)
      let consequences = try await test.end(
        plan.id(0), .failed, at: .at(3), running: [plan.id(1)])
      #expect(Set(consequences.changed.map(\.id)) == Set(plan.invocations.map(\.id)))
      let cancelled = try await test.invocation(plan.id(1))
      #expect(cancelled.state == .cancelled)
      #expect(cancelled.error == .cancelledByGroup)
      #expect(cancelled.attempts.map(\.number) == [1])
      #expect(cancelled.attempts.first?.error == .cancelledByGroup)
      #expect(cancelled.attempts.first?.endTime != nil)
      #expect(try await test.invocation(plan.id(2)).state == .skipped)
    },
    ConformanceCase("a quorum that is reached ends the group") { test async throws in
      let plan = TriggerPlan.group(.parallel) {
        $0.completion = .quorum
        $0.quorum = 2
      }
      try await test.accept(plan)
      try await test.end(plan.id(2), .succeeded)
      #expect(try await test.runnable(plan) == [0, 1])
      try await test.end(plan.id(0), .succeeded)
      #expect(try await test.states(plan) == [.succeeded, .skipped, .succeeded])
      #expect(try await test.store.trigger(plan.id, in: .default)?.state == .succeeded)
    },
    ConformanceCase("a member that someone cancels did not succeed") { test async throws in
      let sequence = TriggerPlan.group(.sequence)
      let failover = TriggerPlan.group(.firstSuccess, at: .at(1))
      try await test.accept(sequence, failover)
      try await test.cancel(.invocation(sequence.id(0)))
      #expect(try await test.states(sequence) == [.cancelled, .skipped, .skipped])
      try await test.cancel(.invocation(failover.id(0)))
      #expect(try await test.runnable(failover) == [1])
    },
    ConformanceCase("what a group has ended takes no outcome any more") { test async throws in
      let plan = TriggerPlan.group(.parallel) { $0.onFailure = .cancelRemaining }
      try await test.accept(plan)
      let late = try await test.invocation(plan.id(1)).ended(.succeeded)
      try await test.end(plan.id(0), .failed, running: [plan.id(1)])
      #expect(try await test.store.record(late) == false)
    },
  ]
}

extension StoreUnderTest {
  /// Of the one assignment that is due in a function's lane.
  fileprivate func input(_ function: String) async throws -> Output? {
    let due = try await store.due(Lane(.default, function), at: .at(99), limit: 9).assignments
    #expect(due.count == 1)
    return due.first?.input
  }
}
