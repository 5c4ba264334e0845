import CSQLite
import EventCore
import Synchronization
import Testing

@testable import SQLiteStore

@Suite struct FaultTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a write is synced before it is acknowledged`() async throws {
    let disk = FaultyFileSystem("counting")
    let store = try directory.open(on: disk)
    for _ in 0..<3 {
      let before = disk.syncs
      #expect(await store.acceptError() == nil)
      #expect(disk.syncs > before)
    }
    await store.close()
  }

  @Test func `a full disk is an error until there is space again`() async throws {
    let disk = FaultyFileSystem("full")
    try await expectRecovery(
      from: .write(SQLITE_FULL), on: disk, saying: ["the disk is full", "SQLITE_FULL"])
  }

  @Test func `a failed write is an error until the disk works again`() async throws {
    let code = SQLITE_IOERR | (3 << 8)
    try await expectRecovery(
      from: .write(code), on: FaultyFileSystem("write"),
      saying: ["the disk failed", "SQLITE_IOERR"])
  }

  @Test func `a failed sync is an error, and nothing of it shows`() async throws {
    let code = SQLITE_IOERR | (4 << 8)
    try await expectRecovery(
      from: .sync(code), on: FaultyFileSystem("sync"), saying: ["the disk failed", "SQLITE_IOERR"])
  }

  @Test func `while another program holds the database writes say so, and reads go on`()
    async throws
  {
    var limits = StoreLimits()
    limits.busyTimeout = .zero
    let store = try directory.open(limits: limits)
    let other = try Connection(path: directory.databasePath, .readWrite)
    try other.execute("BEGIN IMMEDIATE")
    #expect(await store.acceptError()?.text?.contains("locked by another program") == true)
    #expect(try await store.triggers(TriggerQuery(in: .default, limit: 9)).items.isEmpty)
    try other.execute("ROLLBACK")
    #expect(await store.acceptError() == nil)
    await store.close()
  }

  @Test func `everyone in a transaction that failed gets the error`() async throws {
    let disk = FaultyFileSystem("shared")
    let store = try directory.open(on: disk)
    let gate = try await WriterGate(store)
    await withTaskGroup { group in
      for _ in 0..<50 { group.addTask { #expect(await store.acceptError()?.text != nil) } }
      await gate.waitUntilQueued(50)
      disk.fault = .write(SQLITE_FULL)
      await #expect(throws: Never.self) { try await gate.open() }
    }
    #expect(try await store.triggers(TriggerQuery(in: .default, limit: 9)).items.isEmpty)
    #expect(try await store.lanes().isEmpty)
    await store.close()
  }

  @Test func `observers don't hear of definitions that could not be written`() async throws {
    let disk = FaultyFileSystem("observed")
    let store = try directory.open(on: disk)
    let heard = Mutex<[String]>([])
    try await store.observeDefinitions { update in
      if case .put(let definition, _) = update {
        heard.withLock { $0.append(definition.key.id) }
      }
    }
    disk.fault = .sync(SQLITE_IOERR)
    await #expect(throws: StoreError.self) { try await store.define(.function("lost")) }
    disk.fault = nil
    _ = try await store.define(.function("kept"))
    #expect(heard.withLock { $0 } == ["kept"])
    await store.close()
  }

  /// While the fault lasts writes fail and reads work; afterwards everything works, and nothing of
  /// what failed is there, not after a restart either.
  private func expectRecovery(
    from fault: FaultyFileSystem.Fault, on disk: FaultyFileSystem, saying words: [String]
  ) async throws {
    let store = try directory.open(on: disk)
    let before = Trigger.of("before")
    let lost = Trigger.of("new.name", bytes: 20_000)
    let after = Trigger.of("new.name")
    #expect(await store.acceptError(before) == nil)
    disk.fault = fault
    for _ in 0..<3 {
      let text = try #require(await store.acceptError(lost)?.text)
      for word in words { #expect(text.contains(word)) }
    }
    #expect(try await store.contains(before))
    disk.fault = nil
    #expect(await store.acceptError(after) == nil)
    try await expect(store, has: [before, after], not: lost)
    await store.close()
    let next = try directory.open(on: disk)
    try await expect(next, has: [before, after], not: lost)
    await next.close()
  }

  private func expect(
    _ store: SQLiteStore, has kept: [Trigger], not lost: Trigger
  ) async throws {
    for trigger in kept { #expect(try await store.contains(trigger)) }
    #expect(try await store.contains(lost) == false)
    #expect(
      try await store.invocations(InvocationQuery(in: .default, limit: 9)).items.count == kept.count
    )
  }
}
