import EventCore
import Testing

extension ConformanceCase {
  static let retention: [ConformanceCase] = [
    ConformanceCase("a finished trigger goes after its event's time, with all it has") {
      test async throws in
      try await define(test)
      let made = try await test.store.trigger("e", ["f", "g"])
      for (invocation, second) in zip(made.invocations, [40, 50]) {
        try await test.end(invocation.id, .succeeded, at: .at(second - 1))
      }
      let early = try await test.store.prune(at: .at(60) + .nanoseconds(-1), limit: 9)
      #expect(early.count == 0)
      #expect(early.next == .at(60))
      #expect(try await test.store.trigger(made.trigger.triggerID, in: .default) != nil)
      #expect(try await test.store.prune(at: .at(60), limit: 9).count == 1)
      #expect(try await test.store.trigger(made.trigger.triggerID, in: .default) == nil)
      #expect(try await test.store.invocation(made.invocations[0].id, in: .default) == nil)
      #expect(try await test.store.triggers(.init(in: .default, limit: 9)).items.isEmpty)
      #expect(try await test.store.invocations(.init(in: .default, limit: 9)).items.isEmpty)
      #expect(try await test.store.record(made.invocations[0].ended(.succeeded)) == false)
      let cancel = try await test.store.cancel(
        .trigger(made.trigger.triggerID), in: .default, .byUser, at: .at(61), running: nothingRuns)
      #expect(cancel == nil)
      #expect(try await test.redrive(made.invocations[0].id).changed.isEmpty)
    },
    ConformanceCase("a trigger that nobody takes has finished when it comes") {
      test async throws in
      try await define(test)
      let made = try await test.store.trigger("e", [], at: .at(5))
      let early = try await test.store.prune(at: .at(14), limit: 9)
      #expect(early.count == 0)
      #expect(early.next == .at(15))
      let late = try await test.store.prune(at: .at(15), limit: 9)
      #expect(late.count == 1)
      #expect(late.next == nil)
      #expect(try await test.store.trigger(made.trigger.triggerID, in: .default) == nil)
    },
    ConformanceCase("what a failed invocation belongs to is kept for its own time") {
      test async throws in
      try await define(test)
      let made = try await test.store.trigger("e", ["f", "g"])
      try await test.end(made.invocations[0].id, .failed, at: .at(-1))
      try await test.end(made.invocations[1].id, .succeeded, at: .at(-1))
      #expect(try await test.store.prune(at: .at(29), limit: 9).count == 0)
      #expect(try await test.store.prune(at: .at(30), limit: 9).count == 1)
      #expect(try await test.store.trigger(made.trigger.triggerID, in: .default) == nil)
    },
    ConformanceCase("what is unfinished is never removed, whatever holds it") {
      test async throws in
      try await define(test)
      let pending = try await test.store.trigger("e", ["f"]).trigger.triggerID
      let half = try await test.store.trigger("e", ["f", "g"])
      try await test.end(half.invocations[0].id, .succeeded)
      let retrying = try await test.store.trigger("e", ["f"])
      try await test.end(retrying.invocations[0].id, .retrying, retryAt: .at(1))
      let held = TriggerPlan.group(.sequence, ["a", "b"])
      try await test.accept(held)
      try await test.end(held.id(0), .succeeded)
      let far = start + .seconds(1_000 * 86_400)
      for _ in 0..<3 { #expect(try await test.store.prune(at: far, limit: 9).count == 0) }
      for id in [pending, half.trigger.triggerID, retrying.trigger.triggerID, held.id] {
        #expect(try await test.store.trigger(id, in: .default) != nil)
      }
    },
    ConformanceCase("a trigger with a request id is kept as long as that counts") {
      test async throws in
      try await define(test)
      var plan = TriggerPlan.keyed("", [], at: .at(3))
      plan.trigger.requestID = "r"
      try await test.accept(plan)
      var again = TriggerPlan.keyed("", [], at: .at(60))
      again.trigger.requestID = "r"
      #expect(try await test.store.prune(at: .at(60), limit: 9).count == 0)
      #expect(try await test.store.accept(again) == .duplicate(plan.stored))
      let end = Timestamp.at(3) + Limits.requestIDWindow
      let early = try await test.store.prune(at: end + .nanoseconds(-1), limit: 9)
      #expect(early.count == 0)
      #expect(early.next == end)
      #expect(try await test.store.prune(at: end, limit: 9).count == 1)
      #expect(try await test.store.accept(again) == .accepted(held: []))
    },
    ConformanceCase("triggers of an event that is gone have the default time") {
      test async throws in
      let made = try await test.store.trigger("unheard-of", [])
      let kept = Limits.retentionDefault
      #expect(
        try await test.store.prune(at: start + (kept - .nanoseconds(1)), limit: 9).count == 0)
      #expect(try await test.store.prune(at: start + kept, limit: 9).count == 1)
      #expect(try await test.store.trigger(made.trigger.triggerID, in: .default) == nil)
    },
    ConformanceCase("a time that is changed counts for what has finished before") {
      test async throws in
      try await define(test)
      try await test.store.trigger("e", [])
      var event = Event()
      event.event = "e"
      event.retention = .seconds(50)
      try await test.store.define(.update(.event(event), revision: 1))
      #expect(try await test.store.prune(at: .at(49), limit: 9).count == 0)
      event.retention = .seconds(1)
      try await test.store.define(.update(.event(event), revision: 2))
      #expect(try await test.store.prune(at: .at(49), limit: 9).count == 1)
    },
    ConformanceCase("triggers are removed in batches, the oldest first") { test async throws in
      try await define(test)
      var made: [UniqueID] = []
      for number in 0..<5 {
        made.append(try await test.store.trigger("e", [], at: .at(number)).trigger.triggerID)
      }
      for left in [3, 1] {
        let upkeep = try await test.store.prune(at: .at(99), limit: 2)
        #expect(upkeep.count == 2)
        #expect(try #require(upkeep.next) <= .at(99))
        let listed = try await test.store.triggers(.init(in: .default, limit: 9)).items
        #expect(listed.map(\.trigger.triggerID) == made.suffix(left).reversed())
      }
      #expect(try await test.store.prune(at: .at(99), limit: 2).count == 1)
      #expect(try await test.store.prune(at: .at(99), limit: 2).count == 0)
    },
    ConformanceCase("other events and organizations have their own times") { test async throws in
      try await define(test)
      try await test.store.trigger("e", [])
      try await test.store.trigger("e", [], in: .other)
      try await test.store.trigger("x", [])
      #expect(try await test.store.prune(at: .at(99), limit: 9).count == 1)
      #expect(try await test.store.triggers(.init(in: .other, limit: 9)).items.count == 1)
      let kept = try await test.store.triggers(.init(in: .default, limit: 9)).items
      #expect(kept.map(\.trigger.event) == ["x"])
    },
    ConformanceCase("a redrive keeps its trigger until it has finished anew") {
      test async throws in
      try await define(test)
      let made = try await test.store.trigger("e")
      let id = made.invocations[0].id
      try await test.end(id, .failed, at: .at(-1))
      try await test.redrive(id, at: .at(20))
      #expect(try await test.store.prune(at: .at(99), limit: 9).count == 0)
      try await test.end(id, .succeeded, at: .at(99))
      #expect(try await test.store.prune(at: .at(109), limit: 9).count == 0)
      #expect(try await test.store.prune(at: .at(110), limit: 9).count == 1)
    },
    ConformanceCase("what finished before a restart is removed after it") { test async throws in
      try await define(test)
      let plan = TriggerPlan.group(.sequence) { $0.timeout = .seconds(500) }
      try await test.accept(plan)
      try await test.cancel(.trigger(plan.id), at: .at(1))
      try await test.reopen()
      #expect(try await test.store.prune(at: .at(10), limit: 9).count == 0)
      #expect(try await test.store.prune(at: .at(11), limit: 9).count == 1)
      #expect(try await test.store.invocations(.init(in: .default, limit: 9)).items.isEmpty)
    },
    ConformanceCase("a copy is kept from when it was made") { test async throws in
      try await define(test)
      var plan = TriggerPlan.keyed("", [])
      plan.trigger.replayTime = .at(500)
      try await test.accept(plan)
      #expect(try await test.store.prune(at: .at(509), limit: 9).count == 0)
      #expect(try await test.store.prune(at: .at(510), limit: 9).count == 1)
    },
  ]

  /// The event `e`: kept for 10 s, with dead letters for 30 s.
  private static func define(_ test: StoreUnderTest) async throws {
    var event = Event()
    event.event = "e"
    event.retention = .seconds(10)
    event.deadLetterRetention = .seconds(30)
    try await test.store.define(.create(.event(event)))
  }
}
