import EventCore
import Testing

extension ConformanceCase {
  static let deadLetters: [ConformanceCase] = [
    ConformanceCase("a dead letter is accepted with the failure it follows from") {
      test async throws in
      let made = try await test.store.trigger()
      let letter = TriggerPlan.letter(["d", "x"])
      let failed = made.invocations[0].ended(.failed)
      let consequences = try await test.store.record(
        failed, in: .default, deadLetter: letter, running: nothingRuns)
      #expect(consequences?.changed == [failed])
      #expect(consequences?.lanes == [Lane(.default, "d"), Lane(.default, "x")])
      #expect(try await test.store.trigger(letter.id, in: .default) == letter.stored)
      #expect(try await test.runnable(letter) == [0, 1])
      try await test.reopen()
      #expect(try await test.store.trigger(letter.id, in: .default) == letter.stored)
    },
    ConformanceCase("there is no dead letter of what is not recorded") { test async throws in
      let made = try await test.store.trigger()
      let succeeded = made.invocations[0].ended(.succeeded)
      #expect(try await test.store.record(succeeded))
      let letter = TriggerPlan.letter(["d"])
      let failed = made.invocations[0].ended(.failed)
      let again = try await test.store.record(
        failed, in: .default, deadLetter: letter, running: nothingRuns)
      #expect(again == nil)
      #expect(try await test.store.trigger(letter.id, in: .default) == nil)
    },
    ConformanceCase("a dead letter says when its event was last triggered") { test async throws in
      try await test.store.define(.create(.event("dead")))
      let made = try await test.store.trigger()
      _ = try await test.store.record(
        made.invocations[0].ended(.failed), in: .default, deadLetter: .letter(["d"], at: .at(7)),
        running: nothingRuns)
      let event = try await test.store.definition(.init(.event, "dead"), in: .default)
      guard case .event(let event)? = event else {
        Issue.record("no event")
        return
      }
      #expect(event.receivedAt == .at(7))
    },
    ConformanceCase("a dead letter waits for the order of its own key") { test async throws in
      let earlier = TriggerPlan.keyed("k", ["d"])
      try await test.accept(earlier)
      let made = try await test.store.trigger()
      var letter = TriggerPlan.letter(["d"])
      letter.trigger.orderingKey = "k"
      let consequences = try await test.store.record(
        made.invocations[0].ended(.failed), in: .default, deadLetter: letter, running: nothingRuns)
      #expect(consequences?.lanes == [])
      #expect(try await test.holds(letter.id(0)) == .order)
    },
    ConformanceCase("a dead letter that nobody takes is a trigger all the same") {
      test async throws in
      let made = try await test.store.trigger()
      let letter = TriggerPlan.letter([])
      _ = try await test.store.record(
        made.invocations[0].ended(.failed), in: .default, deadLetter: letter, running: nothingRuns)
      #expect(try await test.store.trigger(letter.id, in: .default)?.state == .succeeded)
    },
  ]
}

extension TriggerPlan {
  static func letter(_ functions: [String], at time: Timestamp = .at(2)) -> TriggerPlan {
    var trigger = Trigger.of("dead", at: time)
    trigger.deadLetterHops = 1
    var plan = TriggerPlan(trigger)
    plan.invocations = trigger.invocations(functions)
    return plan
  }
}
