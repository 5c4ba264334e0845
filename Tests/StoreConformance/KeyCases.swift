import EventCore
import Testing

extension ConformanceCase {
  static let concurrencyKeys: [ConformanceCase] = [
    ConformanceCase("what is held for its key is not due until it is released") {
      test async throws in
      let ids = try await hold(test, ["a", "a", "b"])
      #expect(try await test.holds(ids[0]) == .key)
      #expect(try await test.invocation(ids[0]).revision == 0)
      #expect(try await due(test) == [])
      #expect(try await test.store.lanes() == [])
      #expect(try await test.store.lanesWithHeldKeys() == [lane])
      try await test.reopen()
      #expect(try await due(test) == [])
      #expect(try await test.store.lanesWithHeldKeys() == [lane])
      let released = try await test.store.release(.of([.a: 1]), in: lane)
      #expect(released.count == 1)
      #expect(released.stillHeld == [.a])
      #expect(try await due(test) == [ids[0]])
      #expect(try await test.invocation(ids[0]).holds == [])
    },
    ConformanceCase("the longest due of a key are released first, as many as are asked for") {
      test async throws in
      let ids = try await hold(test, ["a", "a", "a", "b"])
      try await test.end(ids[0], .retrying, retryAt: .at(60))
      let released = try await test.store.release(.of([.a: 2, .b: 5, .c: 1]), in: lane)
      #expect(released.count == 3)
      #expect(released.stillHeld == [.a])
      #expect(try await due(test) == [ids[1], ids[2], ids[3]])
      #expect(try await test.store.release(.of([.a: 9]), in: lane).count == 1)
      #expect(try await test.store.lanesWithHeldKeys() == [])
    },
    ConformanceCase("of any key some are released, going round") { test async throws in
      let ids = try await hold(test, ["a", "a", "b", "c", "c"])
      func any(
        _ limit: Int, after: ConcurrencyKey?, except: Set<ConcurrencyKey> = []
      ) async throws -> KeyReleased {
        try await test.store.release(
          .any(limit: limit, each: 1, after: after, except: except), in: lane)
      }
      let first = try await any(2, after: nil)
      #expect((first.count, first.isComplete, first.last) == (2, false, .b))
      #expect(first.stillHeld == [.a])
      #expect(try await due(test) == [ids[0], ids[2]])
      let second = try await any(9, after: first.last, except: [.a])
      #expect((second.count, second.isComplete) == (1, true))
      #expect(second.stillHeld == [.a, .c])
      #expect(try await due(test) == [ids[0], ids[2], ids[3]])
      let rest = try await any(9, after: .b)
      #expect((rest.count, rest.isComplete, rest.stillHeld) == (2, true, []))
      let none = try await any(9, after: .b)
      #expect((none.count, none.isComplete, none.last) == (0, true, .b))
    },
    ConformanceCase("a release of any key is not complete when its limit ends it") {
      test async throws in
      _ = try await hold(test, ["a", "b"])
      let first = try await test.store.release(
        .any(limit: 1, each: 9, after: .a, except: []), in: lane)
      #expect((first.count, first.isComplete, first.last) == (1, false, .b))
      let second = try await test.store.release(
        .any(limit: 1, each: 9, after: .b, except: []), in: lane)
      #expect((second.count, second.last) == (1, .a))
    },
    ConformanceCase("what has finished is not held, and what is held may be cancelled") {
      test async throws in
      let ids = try await hold(test, ["a", "a"])
      try await test.cancel(.invocation(ids[0]))
      #expect(try await test.invocation(ids[0]).state == .cancelled)
      try await test.store.hold([ids[0]: .a], in: lane)
      #expect(try await test.holds(ids[0]) == [])
      #expect(try await test.store.release(.of([.a: 9]), in: lane).count == 1)
      #expect(try await due(test) == [ids[1]])
      try await test.redrive(ids[0], at: .at(5))
      #expect(try await Set(due(test)) == Set(ids))
    },
    ConformanceCase("a release leaves the other holds, and does not count what they hold") {
      test async throws in
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      try await test.accept(first, second)
      try await test.store.hold([first.id(0): .a, second.id(0): .a], in: lane)
      let released = try await test.store.release(.of([.a: 9]), in: lane)
      #expect(released.count == 1)
      #expect(released.stillHeld == [])
      #expect(try await test.holds(second.id(0)) == .order)
      try await test.end(first.id(0), .succeeded)
      #expect(try await due(test) == [second.id(0)])
    },
    ConformanceCase("what another hold lets go stays held for its key") { test async throws in
      let (first, second) = (TriggerPlan.keyed("k"), TriggerPlan.keyed("k", at: .at(1)))
      try await test.accept(first, second)
      try await test.store.hold([second.id(0): .a], in: lane)
      let consequences = try await test.end(first.id(0), .succeeded)
      #expect(consequences.lanes == [])
      #expect(try await test.holds(second.id(0)) == .key)
    },
    ConformanceCase("a pause and a key hold apart from each other") { test async throws in
      try await test.store.define(
        .create(.function("f")), .create(.event("e")),
        .create(.subscription("s-f", to: "e", function: "f")))
      let ids = try await hold(test, ["a"])
      #expect(try await test.store.unpark(limit: 9).count == 0)
      #expect(try await test.holds(ids[0]) == .key)
    },
    ConformanceCase("another key replaces the first") { test async throws in
      let ids = try await hold(test, ["a"])
      try await test.store.hold([ids[0]: .b], in: lane)
      #expect(try await test.store.release(.of([.a: 1]), in: lane).count == 0)
      #expect(try await test.store.release(.of([.b: 1]), in: lane).count == 1)
    },
    ConformanceCase("each lane's keys are its own") { test async throws in
      _ = try await hold(test, ["a"])
      let elsewhere = try await test.store.trigger("e", in: .other).invocations[0].id
      try await test.store.hold([elsewhere: .a], in: lane)
      #expect(try await test.store.invocation(elsewhere, in: .other)?.holds == [])
      let other = Lane(.other, "f")
      try await test.store.hold([elsewhere: .a], in: other)
      #expect(try await test.store.lanesWithHeldKeys() == [lane, other])
      #expect(try await test.store.release(.of([.a: 9]), in: other).count == 1)
      let nowhere = try await test.store.release(.of([.a: 9]), in: Lane(.other, "nobody"))
      #expect(nowhere.count == 0)
    },
  ]

  private static let lane = Lane(.default, "f")

  /// Triggers with these keys, a second apart, all held.
  private static func hold(_ test: StoreUnderTest, _ keys: [String]) async throws -> [InvocationID]
  {
    var ids: [InvocationID] = []
    var held: [InvocationID: ConcurrencyKey] = [:]
    for (number, key) in keys.enumerated() {
      ids.append(try await test.store.trigger("e", at: .at(number)).invocations[0].id)
      held[ids[number]] = ["a": .a, "b": .b, "c": .c][key]
    }
    try await test.store.hold(held, in: lane)
    return ids
  }

  private static func due(_ test: StoreUnderTest) async throws -> [InvocationID] {
    try await test.store.due(lane, at: .at(50), limit: 99).assignments.map(\.invocation.id)
  }
}

extension ConcurrencyKey {
  fileprivate static let a = ConcurrencyKey(number: .min)
  fileprivate static let b = ConcurrencyKey(number: 0)
  fileprivate static let c = ConcurrencyKey(number: .max)
}
