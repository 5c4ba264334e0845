import EventCore
import Synchronization
import Testing

@testable import SQLiteStore

@Suite(.timeLimit(.minutes(1)))
struct ReadCancellationTests {
  private let directory: TemporaryDirectory
  private let pool = ReadPool(limits: StoreLimits())

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a read that runs ends where it is when its task is cancelled`() async throws {
    try start()
    let hasBegun = Mutex(false)
    let read = Task { [pool] in
      try await pool.read(of: nil) { (connection) throws(SQLiteError) in
        hasBegun.withLock { $0 = true }
        return try connection.countForEver()
      }
    }
    while !hasBegun.withLock({ $0 }) { await Task.yield() }
    read.cancel()
    await #expect(throws: StoreError.cancelled) { try await read.value }
    // The connection is as good as before.
    #expect(try await one() == 1)
    pool.close()
  }

  @Test func `a read that waits does not begin when its task is cancelled`() async throws {
    let hasBegun = Mutex(false)
    let read = Task { [pool] in
      try await pool.read(of: nil) { (_: Connection) throws(SQLiteError) in
        hasBegun.withLock { $0 = true }
      }
    }
    read.cancel()
    // Only now is there somebody to read.
    try start()
    await #expect(throws: StoreError.cancelled) { try await read.value }
    #expect(!hasBegun.withLock { $0 })
    pool.close()
  }

  private func start() throws {
    let path = directory.path + "/reads.db"
    StoreThread.start { [pool] in
      guard let connection = try? Connection(path: path, .readWrite) else { return pool.close() }
      pool.run(on: connection)
    } atEnd: {
    }
  }

  private func one() async throws -> Int64? {
    try await pool.read(of: nil) { (connection) throws(SQLiteError) in
      try connection.first("SELECT 1") { $0.integer(0) }
    }
  }
}

extension Connection {
  fileprivate func countForEver() throws(SQLiteError) -> Int64? {
    try first(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    ) { $0.integer(0) }
  }
}
