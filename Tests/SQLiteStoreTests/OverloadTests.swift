import EventCore
import SQLiteStore
import Testing

@Suite struct OverloadTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `one write more than may wait is turned away, and those that wait are stored`()
    async throws
  {
    var limits = StoreLimits()
    // Of which one organization that is alone gets half; the gate is the gateway's own.
    limits.queuedWritesMax = 16
    try await expectOverload(after: 8, of: .of(), limits: limits)
  }

  @Test func `more bytes than may wait are turned away`() async throws {
    var limits = StoreLimits()
    limits.queuedBytesMax = 80_000
    try await expectOverload(after: 3, of: .of(bytes: 10_000), limits: limits)
  }

  @Test func `a single write is never too large to wait`() async throws {
    var limits = StoreLimits()
    limits.queuedBytesMax = 1
    limits.batchBytesMax = 1
    let store = try directory.open(limits: limits)
    #expect(await store.acceptError(.of(bytes: 100_000)) == nil)
    await store.close()
  }

  private func expectOverload(
    after count: Int, of template: Trigger, limits: StoreLimits
  ) async throws {
    let store = try directory.open(limits: limits)
    let gate = try await WriterGate(store)
    await withTaskGroup { group in
      for _ in 0..<count {
        group.addTask { #expect(await store.acceptError(template.again) == nil) }
      }
      await gate.waitUntilQueued(count)
      #expect(
        await store.acceptError(template.again) == .overloaded(retryAfter: limits.retryAfter))
      await #expect(throws: Never.self) { try await gate.open() }
    }
    let stored = try await store.triggers(TriggerQuery(in: .default, limit: 99)).items
    #expect(stored.count == count)
    #expect(await store.acceptError(template.again) == nil)
    await store.close()
  }
}

extension Trigger {
  fileprivate var again: Trigger {
    var again = self
    again.triggerID = UniqueID(at: receivedAt)
    return again
  }
}
