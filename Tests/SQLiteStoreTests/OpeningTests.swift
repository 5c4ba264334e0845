import EventCore
import Foundation
import Testing

@testable import SQLiteStore

@Suite struct OpeningTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `the data directory is created`() async throws {
    let store = try SQLiteStore.open(directory: directory.path + "/new", logger: .silent)
    #expect(FileManager.default.fileExists(atPath: directory.path + "/new/gateway.db"))
    await store.close()
  }

  @Test func `nobody else may read what is in it, whoever made the directory`() async throws {
    let files = FileManager.default
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
    // As an earlier version left it.
    try Data().write(to: URL(filePath: directory.databasePath))
    try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: directory.databasePath)
    let store = try directory.open()
    #expect(await store.acceptError() == nil)
    for name in try files.contentsOfDirectory(atPath: directory.path) {
      let attributes = try files.attributesOfItem(atPath: directory.path + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
    }
    await store.close()
    let new = try SQLiteStore.open(directory: directory.path + "/new", logger: .silent)
    let attributes = try files.attributesOfItem(atPath: directory.path + "/new")
    #expect(attributes[.posixPermissions] as? Int == 0o700)
    await new.close()
  }

  @Test func `a directory that can't be created is named with the reason`() throws {
    let path = directory.path + "/missing/new"
    #expect(throws: StoreError.unavailable("\(path): mkdir: No such file or directory")) {
      _ = try SQLiteStore.open(directory: path, logger: .silent)
    }
  }

  @Test func `a second gateway is refused and told who holds the directory`() async throws {
    let store = try directory.open()
    let text = try #require(directory.openingError())
    #expect(text.contains("another gateway (process \(getpid())) uses the data directory"))
    #expect(text.contains(directory.path))
    await store.close()
    let next = try directory.open()
    await next.close()
  }

  @Test func `a lock file that a crash left behind does not matter`() async throws {
    try Data("99999\n".utf8).write(to: URL(filePath: directory.path + "/lock"))
    let store = try directory.open()
    await store.close()
  }

  @Test func `a store that was let go without closing gives the directory back`() async throws {
    do { _ = try directory.open() }
    // The threads end on their own; the lock is the signal.
    var store: SQLiteStore?
    while store == nil { store = try? directory.open() }
    await store?.close()
  }

  @Test func `closing leaves one file with everything in it`() async throws {
    let store = try directory.open()
    #expect(await store.acceptError() == nil)
    await store.close()
    let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
    #expect(Set(files) == ["gateway.db", "lock"])
  }

  @Test func `a file that is no database is called damaged`() throws {
    try Data(repeating: 0x55, count: 8_192).write(to: URL(filePath: directory.databasePath))
    let text = try #require(directory.openingError())
    #expect(text.contains("damaged"))
    #expect(text.contains("restore a backup"))
    #expect(text.contains("SQLITE_NOTADB"))
  }

  @Test func `another program's database is refused and left as it was`() throws {
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try connection.execute("CREATE TABLE theirs (a)")
    let before = try Data(contentsOf: URL(filePath: directory.databasePath))
    #expect(
      directory.openingError()
        == "the database belongs to another program: use another data directory")
    #expect(try Data(contentsOf: URL(filePath: directory.databasePath)) == before)
  }

  @Test func `a locked database is reported with what to do`() async throws {
    let store = try directory.open()
    await store.close()
    let other = try Connection(path: directory.databasePath, .readWrite)
    try other.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT")
    var limits = StoreLimits()
    limits.busyTimeout = .zero
    let text = try #require(directory.openingError(limits: limits))
    #expect(text.contains("locked by another program"))
    #expect(text.contains("SQLITE_BUSY"))
  }

  @Test func `a page that was overwritten is reported by the calls that need it`() async throws {
    let trigger = Trigger.of(bytes: 50_000)
    let first = try directory.open()
    #expect(await first.acceptError(trigger) == nil)
    await first.close()
    let page = try triggersPage()
    let file = try FileHandle(forUpdating: URL(filePath: directory.databasePath))
    try file.seek(toOffset: UInt64(page - 1) * 4_096)
    try file.write(contentsOf: Data(repeating: 0x55, count: 4_096))
    try file.close()
    let store = try directory.open()
    await #expect(throws: StoreError.self) {
      _ = try await store.trigger(trigger.triggerID, in: .default)
    }
    #expect(await store.acceptError()?.text?.contains("damaged") == true)
    await store.close()
  }

  /// The number of the first page of the table of triggers, from 1.
  private func triggersPage() throws -> Int64 {
    let connection = try Connection(path: directory.databasePath, .readOnly)
    let page = try connection.first("SELECT rootpage FROM sqlite_schema WHERE name = 'triggers'") {
      $0.integer(0)
    }
    return try #require(page)
  }
}
