import EventCore
import SQLiteStore
import Testing

@Suite struct GroupCommitTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `everything that waits is one transaction`() async throws {
    #expect(try await transactions(for: 100, limits: StoreLimits()) == 1)
  }

  @Test func `a transaction writes at most so many rows`() async throws {
    var limits = StoreLimits()
    limits.batchRowsMax = 10
    // A trigger's and its invocation's.
    #expect(try await transactions(for: 50, limits: limits) == 10)
    #expect(try await transactions(for: 51, limits: limits) == 11)
  }

  @Test func `a transaction has at most so many bytes, or one write`() async throws {
    var limits = StoreLimits()
    limits.batchBytesMax = 1
    #expect(try await transactions(for: 5, limits: limits) == 5)
  }

  @Test func `a refused write does not hurt those it shares a transaction with`() async throws {
    let store = try directory.open()
    _ = try await store.define(.function("f"))
    let gate = try await WriterGate(store)
    let trigger = Trigger.of()
    async let refused = store.define(.function("f"))
    async let accepted = store.acceptError(trigger)
    async let created = store.define(.function("g"))
    await gate.waitUntilQueued(3)
    let before = store.committedTransactions
    try await gate.open()
    #expect(try await refused == .refused(.exists(.init(.function, "f"))))
    #expect(await accepted == nil)
    guard case .committed = try await created else {
      Issue.record("refused")
      return
    }
    #expect(store.committedTransactions == before + 1)
    #expect(try await store.contains(trigger))
    #expect(try await store.definition(.init(.function, "g"), in: .default) != nil)
    await store.close()
  }

  /// How many transactions it takes to accept `count` triggers that wait at the same time.
  private func transactions(for count: Int, limits: StoreLimits) async throws -> Int {
    let directory = try TemporaryDirectory()
    let store = try directory.open(limits: limits)
    let gate = try await WriterGate(store)
    let before = store.committedTransactions
    await withTaskGroup { group in
      for _ in 0..<count { group.addTask { #expect(await store.acceptError() == nil) } }
      await gate.waitUntilQueued(count)
      await #expect(throws: Never.self) { try await gate.open() }
    }
    let transactions = store.committedTransactions - before
    await store.close()
    return transactions
  }
}
