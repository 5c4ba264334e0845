import CSQLite
import EventCore
import Testing

@testable import SQLiteStore

@Suite struct RetentionTests {
  private let directory: TemporaryDirectory
  private let late = Timestamp.now() + Limits.retentionDefault + .seconds(3_600)

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a batch removes no more than its limit, and says that there is more`() async throws {
    let store = try directory.open()
    for _ in 0..<5 { try await finish(.of(), in: store) }
    for expected in [2, 2, 1] {
      let upkeep = try await store.prune(at: late, limit: 2)
      #expect(upkeep.count == expected)
      #expect((upkeep.next.map { $0 <= late } ?? false) == (expected == 2))
    }
    await store.close()
  }

  @Test func `nothing of a removed trigger is left`() async throws {
    let store = try directory.open()
    for _ in 0..<3 { try await finish(.of(), in: store) }
    _ = try await store.prune(at: late, limit: 9)
    #expect(try await store.rows("SELECT count(*) FROM triggers") == 0)
    #expect(try await store.rows("SELECT count(*) FROM invocations") == 0)
    #expect(try await store.rows("SELECT count(*) FROM outcomes") == 0)
    #expect(try await store.rows("SELECT count(*) FROM finished") == 0)
    #expect(try await store.rows("SELECT count(*) FROM blocks") == 0)
    #expect(try await store.rows("SELECT count(*) FROM changes") == 0)
    await store.close()
  }

  @Test func `the log of changes goes in batches, too`() async throws {
    var limits = StoreLimits()
    limits.prunedChangesMax = 2
    let store = try directory.open(limits: limits)
    for _ in 0..<5 { try await finish(.of(), in: store) }
    for left in [3, 1, 0] {
      _ = try await store.prune(at: late, limit: 0)
      #expect(try await store.rows("SELECT count(*) FROM changes") == Int64(left))
    }
    await store.close()
  }

  @Test func `an event whose retention gets shorter is looked at anew`() async throws {
    let store = try directory.open()
    var event = Event()
    event.event = "e"
    guard case .committed(let written) = try await store.define(.event(event)) else {
      Issue.record("refused")
      return
    }
    try await finish(.of("e"), in: store)
    let soon = Timestamp.now() + .seconds(60)
    #expect(try await store.prune(at: soon, limit: 9).count == 0)
    event.retention = .seconds(1)
    let update = DefinitionChange.update(.event(event), revision: written[0].stamp.revision)
    _ = try await store.commit(DefinitionTransaction(in: .default, [update]))
    #expect(try await store.prune(at: soon, limit: 9).count == 1)
    await store.close()
  }

  @Test func `what could not be removed is removed when the disk works again`() async throws {
    let disk = FaultyFileSystem("retention")
    let store = try directory.open(on: disk)
    try await finish(.of(), in: store)
    disk.fault = .write(SQLITE_FULL)
    await #expect(throws: StoreError.self) { _ = try await store.prune(at: late, limit: 9) }
    disk.fault = nil
    #expect(try await store.prune(at: late, limit: 9).count == 1)
    await store.close()
  }

  @Test func `under steady load the file settles`() async throws {
    let store = try directory.open()
    var pages: [Int64] = []
    for _ in 0..<12 {
      for _ in 0..<100 { try await finish(.of(bytes: 1_000), in: store) }
      while try await store.prune(at: late, limit: 32).count > 0 {}
      pages.append(try #require(try await store.rows("PRAGMA page_count")))
    }
    // Freed pages are used again: after the first rounds not one more is needed.
    #expect(pages[3] == pages[11], "\(pages)")
    await store.close()
  }

  private func finish(_ trigger: Trigger, in store: SQLiteStore) async throws {
    #expect(await store.acceptError(trigger) == nil)
    #expect(try await store.record(trigger.invocation().ended(at: trigger.receivedAt)) != nil)
  }
}
