import EventCore
import Testing

extension ConformanceCase {
  private static let tight: ConformanceLimits = {
    var limits = ConformanceLimits()
    limits.backlogPerFunctionMax = 3
    limits.backlogMax = 5
    return limits
  }()

  private static let tightOrganizations: ConformanceLimits = {
    var limits = tight
    limits.backlogPerOrganizationMax = 4
    limits.backlogMax = 6
    return limits
  }()

  static let backlogs: [ConformanceCase] = [
    ConformanceCase("a function has so many unfinished invocations and no more", limits: tight) {
      test async throws in
      try await test.store.define(.create(.event("e")))
      try await test.accept(.plain(["f", "f"]), .plain(["f"]))
      var refused = TriggerPlan.plain(["g", "f"], at: .at(9))
      refused.trigger.requestID = "r"
      #expect(try await test.store.accept(refused) == .full(.function("f")))
      #expect(try await test.store.trigger(refused.id, in: .default) == nil)
      #expect(try await test.store.invocations(.init(in: .default, limit: 9)).items.count == 3)
      let event = try await test.store.definition(.init(.event, "e"), in: .default)
      guard case .event(let event)? = event else {
        Issue.record("no event")
        return
      }
      #expect(event.receivedAt == start)
      // Nor is its request id taken.
      refused.invocations.removeLast()
      #expect(try await test.store.accept(refused) == .accepted(held: []))
    },
    ConformanceCase("all functions together have so many and no more", limits: tight) {
      test async throws in
      try await test.accept(.plain(["a", "b", "c"]), .plain(["a"]))
      #expect(try await test.store.accept(.plain(["b", "c"])) == .full(.gateway))
      #expect(try await test.store.accept(.plain(["b"])) == .accepted(held: []))
      let elsewhere = TriggerPlan.keyed("", ["z"], in: .other)
      #expect(try await test.store.accept(elsewhere) == .full(.gateway))
      #expect(try await test.store.accept(.plain([])) == .accepted(held: []))
    },
    ConformanceCase("an organization has so many and no more", limits: tightOrganizations) {
      test async throws in
      let plan = TriggerPlan.plain(["a", "b", "c"])
      try await test.accept(plan, .plain(["a"]))
      #expect(try await test.store.accept(.plain(["b"])) == .full(.organization))
      try await test.accept(.keyed("", ["b"], in: .other))
      try await test.reopen()
      #expect(try await test.store.accept(.plain(["b"])) == .full(.organization))
      try await test.end(plan.id(0), .succeeded)
      try await test.accept(.plain(["b"]))
      #expect(try await test.store.accept(.plain(["b"])) == .full(.organization))
      try await test.accept(.keyed("", ["b"], in: .other))
      #expect(
        try await test.store.accept(.keyed("", ["b"], in: .other)) == .full(.gateway))
    },
    ConformanceCase("organizations' functions of one name are counted apart", limits: tight) {
      test async throws in
      try await test.accept(.plain(["f", "f", "f"]))
      try await test.accept(.keyed("", ["f"], in: .other))
    },
    ConformanceCase("what waits counts, what is skipped does not", limits: tight) {
      test async throws in
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      var delayed = TriggerPlan.plain(["f"])
      delayed.invocations[0].nextAttemptTime = .at(99)
      try await test.accept(first, second, delayed)
      #expect(try await test.store.accept(.plain(["f"])) == .full(.function("f")))
      let oneOf = TriggerPlan.group(.oneOf, ["a", "a", "a"])
      try await test.accept(oneOf)
    },
    ConformanceCase("whatever finishes makes room, a retry does not", limits: tight) {
      test async throws in
      let plan = TriggerPlan.plain(["f", "f", "f"])
      try await test.accept(plan)
      try await test.end(plan.id(0), .retrying, retryAt: .at(50))
      #expect(try await test.store.accept(.plain(["f"])) == .full(.function("f")))
      try await test.end(plan.id(0), .failed)
      try await test.accept(.plain(["f"]))
      try await test.cancel(.trigger(plan.id))
      try await test.accept(.plain(["f", "f"]))
      #expect(try await test.store.accept(.plain(["f"])) == .full(.function("f")))
    },
    ConformanceCase("what a group skips or a deadline ends makes room", limits: tight) {
      test async throws in
      let plan = TriggerPlan.group(.sequence, ["f", "f", "f"]) { $0.timeout = .seconds(10) }
      try await test.accept(plan)
      try await test.end(plan.id(0), .failed)
      let next = TriggerPlan.group(.sequence, ["f", "f", "f"]) { $0.timeout = .seconds(10) }
      try await test.accept(next)
      #expect(
        try await test.store.expireGroups(at: .at(10), limit: 9, running: nothingRuns).count == 1)
      try await test.accept(.plain(["f", "f", "f"]))
    },
    ConformanceCase("a repeated request is answered however full it is", limits: tight) {
      test async throws in
      var plan = TriggerPlan.plain(["f", "f", "f"])
      plan.trigger.requestID = "r"
      try await test.accept(plan)
      var again = TriggerPlan.plain(["f"])
      again.trigger.requestID = "r"
      #expect(try await test.store.accept(again) == .duplicate(plan.stored))
    },
    ConformanceCase("dead letters and redrives are taken however full it is", limits: tight) {
      test async throws in
      let plan = TriggerPlan.plain(["f", "f", "f"])
      try await test.accept(plan)
      let failed = try await test.invocation(plan.id(0)).ended(.failed)
      _ = try await test.store.record(
        failed, in: .default, deadLetter: .letter(["f"]), running: nothingRuns)
      #expect(try await test.redrive(failed.id).changed.count == 1)
      #expect(try await test.store.accept(.plain(["f"])) == .full(.function("f")))
      // There are four; two have to finish before there is room for one.
      try await test.end(plan.id(1), .succeeded)
      #expect(try await test.store.accept(.plain(["f"])) == .full(.function("f")))
      try await test.end(plan.id(2), .succeeded)
      try await test.accept(.plain(["f"]))
    },
    ConformanceCase("the count is known after a restart", limits: tight) { test async throws in
      let plan = TriggerPlan.plain(["f", "f", "f"])
      try await test.accept(plan)
      try await test.end(plan.id(0), .succeeded)
      try await test.reopen()
      try await test.accept(.plain(["f"]))
      #expect(try await test.store.accept(.plain(["f"])) == .full(.function("f")))
    },
  ]
}

extension TriggerPlan {
  fileprivate static func plain(_ functions: [String], at time: Timestamp = start) -> TriggerPlan {
    keyed("", functions, at: time)
  }
}
