import EventCore
import Testing

@testable import SQLiteStore

@Suite struct MigrationTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static let first = "CREATE TABLE a (x); INSERT INTO a VALUES (1);"
  private static let second = "ALTER TABLE a ADD COLUMN y DEFAULT 2;"

  @Test func `only the missing steps are taken`() throws {
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection, [Self.first])
    try Migration.run(on: connection, [Self.first, Self.second])
    try Migration.run(on: connection, [Self.first, Self.second])
    let rows = try connection.all("SELECT x, y FROM a") { [$0.integer(0), $0.integer(1)] }
    #expect(rows == [[1, 2]])
    #expect(try version(connection) == 2)
  }

  @Test func `a step that fails leaves the database as it was`() throws {
    let connection = try Connection(path: directory.databasePath, .readWrite)
    try Migration.run(on: connection, [Self.first])
    #expect(throws: StoreError.self) {
      try Migration.run(on: connection, [Self.first, "INSERT INTO a VALUES (2); nonsense;"])
    }
    #expect(try version(connection) == 1)
    #expect(try connection.all("SELECT x FROM a") { $0.integer(0) } == [1])
  }

  @Test func `a database of a newer program is refused`() async throws {
    let store = try directory.open()
    await store.close()
    let newest = Schema.steps.count
    do {
      let connection = try Connection(path: directory.databasePath, .readWrite)
      try connection.execute("PRAGMA user_version = \(newest + 1)")
    }
    #expect(
      directory.openingError()
        == "the database is of version \(newest + 1), this program knows versions up to \(newest): "
        + "run the newer program, or use another data directory")
  }

  private func version(_ connection: Connection) throws -> Int64? {
    try connection.first("PRAGMA user_version") { $0.integer(0) }
  }
}
