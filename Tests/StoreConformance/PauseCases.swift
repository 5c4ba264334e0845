import EventCore
import Testing

extension ConformanceCase {
  static let pauses: [ConformanceCase] = [
    ConformanceCase("what is parked does not run until its subscription is resumed") {
      test async throws in
      try await define(test, isPaused: true)
      let made = try await test.store.trigger("e")
      let id = made.invocations[0].id
      #expect(try await test.store.park(id, in: .default))
      #expect(try await test.invocation(id).holds == .pause)
      #expect(try await test.invocation(id).revision == 0)
      #expect(try await due(test) == [])
      #expect(try await test.store.lanes() == [])
      #expect(try await test.store.unpark(limit: 9).count == 0)
      try await test.reopen()
      #expect(try await due(test) == [])
      try await resume(test)
      let upkeep = try await test.store.unpark(limit: 9)
      #expect(upkeep.count == 1)
      #expect(upkeep.consequences.map(\.lanes) == [[Lane(.default, "f")]])
      #expect(upkeep.consequences.map(\.organization) == [.default])
      #expect(try await due(test) == [id])
      #expect(try await test.invocation(id).revision == 0)
    },
    ConformanceCase("a park that comes after the resume does nothing") { test async throws in
      try await define(test, isPaused: true)
      let id = try await test.store.trigger("e").invocations[0].id
      try await resume(test)
      #expect(try await test.store.park(id, in: .default) == false)
      #expect(try await due(test) == [id])
    },
    ConformanceCase("what has finished, is elsewhere or has no subscription is not parked") {
      test async throws in
      try await define(test, isPaused: true)
      let made = try await test.store.trigger("e", ["f", "g"])
      try await test.end(made.invocations[0].id, .succeeded)
      let elsewhere = try await test.store.trigger("e", in: .other).invocations[0].id
      #expect(try await test.store.park(made.invocations[0].id, in: .default) == false)
      #expect(try await test.store.park(made.invocations[1].id, in: .default) == false)
      #expect(try await test.store.park(elsewhere, in: .other) == false)
      #expect(try await test.store.park(elsewhere, in: .default) == false)
    },
    ConformanceCase("a parked one may be parked again") { test async throws in
      try await define(test, isPaused: true)
      let id = try await test.store.trigger("e").invocations[0].id
      #expect(try await test.store.park(id, in: .default))
      #expect(try await test.store.park(id, in: .default))
      try await resume(test)
      #expect(try await test.store.unpark(limit: 9).count == 1)
      #expect(try await due(test) == [id])
    },
    ConformanceCase("triggers of a paused subscription are held from the start") {
      test async throws in
      try await define(test, isPaused: true)
      let trigger = Trigger.of("e")
      var invocations = trigger.invocations(["f"])
      invocations[0].holds = .pause
      #expect(try await test.store.accept(trigger, invocations) == .accepted(held: []))
      #expect(try await due(test) == [])
      try await resume(test)
      #expect(try await test.store.unpark(limit: 9).count == 1)
      #expect(try await due(test) == [invocations[0].id])
    },
    ConformanceCase("what is held for a subscription that is gone is released") {
      test async throws in
      try await define(test, isPaused: true)
      let id = try await test.store.trigger("e").invocations[0].id
      #expect(try await test.store.park(id, in: .default))
      try await test.store.define(.delete(.init(.subscription, "s-f"), revision: nil))
      #expect(try await test.store.unpark(limit: 9).count == 1)
      #expect(try await due(test) == [id])
    },
    ConformanceCase("a backlog is released in batches") { test async throws in
      try await define(test, isPaused: true)
      var ids: [InvocationID] = []
      for number in 0..<5 {
        ids.append(try await test.store.trigger("e", at: .at(number)).invocations[0].id)
        #expect(try await test.store.park(ids[number], in: .default))
      }
      try await resume(test)
      for released in [2, 4] {
        let upkeep = try await test.store.unpark(limit: 2)
        #expect(upkeep.count == 2)
        #expect(upkeep.next != nil)
        #expect(try await due(test).count == released)
      }
      #expect(try await test.store.unpark(limit: 2).count == 1)
      let last = try await test.store.unpark(limit: 2)
      #expect(last.count == 0)
      #expect(last.next == nil)
      #expect(try await due(test) == ids)
    },
    ConformanceCase("a parked one keeps its key, and may be cancelled") { test async throws in
      try await define(test, isPaused: true)
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      try await test.accept(first, second)
      #expect(try await test.store.park(first.id(0), in: .default))
      #expect(try await test.holds(second.id(0)) == .order)
      try await test.cancel(.invocation(first.id(0)))
      #expect(try await test.runnable(second) == [0])
      try await resume(test)
      #expect(try await test.store.unpark(limit: 9).count == 0)
    },
    ConformanceCase("a retry that was parked waits for its time after the resume") {
      test async throws in
      try await define(test, isPaused: true)
      let id = try await test.store.trigger("e").invocations[0].id
      try await test.end(id, .retrying, retryAt: .at(50))
      #expect(try await test.store.park(id, in: .default))
      #expect(try await test.invocation(id).state == .retrying)
      try await resume(test)
      #expect(try await test.store.unpark(limit: 9).count == 1)
      #expect(
        try await test.store.due(Lane(.default, "f"), at: .at(49), limit: 9)
          == DueWork(nextDueTime: .at(50)))
    },
  ]

  private static func define(_ test: StoreUnderTest, isPaused: Bool) async throws {
    try await test.store.define(
      .create(.function("f")), .create(.event("e")), .create(subscription(isPaused: isPaused)))
  }

  private static func resume(_ test: StoreUnderTest) async throws {
    try await test.store.define(.update(subscription(isPaused: false), revision: 1))
  }

  private static func subscription(isPaused: Bool) -> Definition {
    var subscription = Subscription()
    subscription.subscriptionID = "s-f"
    subscription.event = "e"
    subscription.functionID = "f"
    subscription.isPaused = isPaused
    return .subscription(subscription)
  }

  private static func due(_ test: StoreUnderTest) async throws -> [InvocationID] {
    try await test.store.due(Lane(.default, "f"), at: .at(99), limit: 99)
      .assignments.map(\.invocation.id)
  }
}
