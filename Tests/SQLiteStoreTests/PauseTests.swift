import EventCore
import Testing

@testable import SQLiteStore

@Suite struct PauseTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `what is held for a subscription that was resumed meanwhile is found and released`()
    async throws
  {
    let store = try directory.open()
    // As planned before the resume that was committed first.
    let held = try await acceptHeld(2, in: store)
    #expect(try await due(store) == [])
    let first = try await store.unpark(limit: 1)
    #expect(first.count == 1 && first.next != nil)
    #expect(first.consequences == [Consequences(in: .default, lanes: [Lane(.default, "f")])])
    let second = try await store.unpark(limit: 1)
    #expect(second.count == 1 && second.next == nil)
    #expect(try await Set(due(store)) == Set(held))
    await store.close()
  }

  @Test func `a resume is remembered across a restart, until nothing is held`() async throws {
    let first = try directory.open()
    _ = try await acceptHeld(1, in: first)
    await first.close()
    let store = try directory.open()
    #expect(try await store.rows("SELECT count(*) FROM resumed") == 1)
    #expect(try await store.unpark(limit: 9).count == 1)
    #expect(try await store.rows("SELECT count(*) FROM resumed") == 0)
    #expect(try await store.unpark(limit: 9) == Upkeep())
    await store.close()
  }

  private func acceptHeld(_ count: Int, in store: SQLiteStore) async throws -> [InvocationID] {
    var ids: [InvocationID] = []
    for _ in 0..<count {
      var plan = Trigger.of().plan
      plan.invocations[0].holds = .pause
      #expect(try await store.accept(plan) == .accepted(held: []))
      ids.append(plan.invocations[0].id)
    }
    return ids
  }

  private func due(_ store: SQLiteStore) async throws -> [InvocationID] {
    let lane = Lane(.default, "f")
    return try await store.due(lane, at: .now(), limit: 9, without: [], .age).assignments
      .map(\.invocation.id)
  }
}
