import CSQLite
import EventCore
import Testing

@testable import SQLiteStore

@Suite struct BacklogTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `what is unfinished is counted in the same commit, and after a restart`()
    async throws
  {
    var limits = StoreLimits()
    limits.backlogPerFunctionMax = 2
    let first = try directory.open(limits: limits)
    let trigger = Trigger.of()
    #expect(await first.acceptError(trigger) == nil)
    #expect(await first.acceptError() == nil)
    #expect(try await first.rows("SELECT sum(count) FROM backlog") == 2)
    await first.close()
    let store = try directory.open(limits: limits)
    #expect(try await store.accept(Trigger.of().plan) == .full(.function("f")))
    #expect(try await store.record(trigger.invocation().ended(at: .now())) != nil)
    #expect(try await store.rows("SELECT sum(count) FROM backlog") == 1)
    #expect(await store.acceptError() == nil)
    #expect(try await store.accept(Trigger.of().plan) == .full(.function("f")))
    await store.close()
  }

  @Test func `a function without unfinished invocations has no row`() async throws {
    let store = try directory.open()
    let trigger = Trigger.of()
    #expect(await store.acceptError(trigger) == nil)
    #expect(try await store.record(trigger.invocation().ended(at: .now())) != nil)
    #expect(try await store.rows("SELECT count(*) FROM backlog") == 0)
    await store.close()
  }

  @Test func `what could not be written does not count`() async throws {
    let disk = FaultyFileSystem("backlog")
    var limits = StoreLimits()
    limits.backlogMax = 2
    let store = try directory.open(limits: limits, on: disk)
    let trigger = Trigger.of()
    #expect(await store.acceptError(trigger) == nil)
    disk.fault = .write(SQLITE_FULL)
    for _ in 0..<5 { #expect(await store.acceptError()?.text != nil) }
    await #expect(throws: StoreError.self) {
      _ = try await store.record(trigger.invocation().ended(at: .now()))
    }
    disk.fault = nil
    #expect(await store.acceptError() == nil)
    #expect(try await store.accept(Trigger.of().plan) == .full(.gateway))
    await store.close()
  }
}
