import CSQLite

/// One connection to a SQLite database, with the statements that were prepared on it.
///
/// Owns the C handle; `deinit` closes it. Not safe to share: one thread uses it at a time.
final class Connection {
  enum Access {
    case readOnly
    /// Creates the file if it isn't there.
    case readWrite
  }

  private let handle: OpaquePointer
  /// By the address of the statement's literal, which is cheaper to hash than its text. The
  /// program's literals bound it.
  private var statements: [UnsafePointer<UInt8>: Statement] = [:]

  /// SQLite takes a lock of all its connections to count each allocation, and nobody asks for the sum
  /// (https://www.sqlite.org/malloc.html, section 3.5). Too late in a process that uses SQLite already,
  /// which does no harm.
  private static let isConfigured: Void = { _ = csqlite_disable_memory_statistics() }()

  /// - Parameter fileSystem: the name of a SQLite VFS; nil for the system's own.
  init(path: String, _ access: Access, fileSystem: String? = nil) throws(SQLiteError) {
    _ = Self.isConfigured
    // NOMUTEX: each connection stays on one thread (https://www.sqlite.org/threadsafe.html).
    let flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
      | (access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, flags, fileSystem)
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(code, "sqlite3_open_v2(\(path))", on: handle)
      sqlite3_close_v2(handle)
      throw error
    }
    self.handle = handle
  }

  deinit {
    statements.removeAll()
    // Every statement is finalized above, so this can only fail by a bug of ours.
    let code = sqlite3_close(handle)
    assert(code == SQLITE_OK, "sqlite3_close: \(code)")
  }

  /// Runs a statement that returns no rows.
  func run<each Value: SQLValue>(
    _ sql: StaticString, _ values: repeat each Value
  ) throws(SQLiteError) {
    let statement = try statement(sql)
    defer { statement.reset() }
    try statement.bind(repeat each values)
    while try statement.step() {}
  }

  /// The first row, made into a value; nil if there is none.
  func first<Result, each Value: SQLValue>(
    _ sql: StaticString, _ values: repeat each Value,
    as read: (Row) throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result? {
    let statement = try statement(sql)
    defer { statement.reset() }
    try statement.bind(repeat each values)
    return try statement.step() ? try read(statement.row) : nil
  }

  /// Every row, made into a value. Bound it by the statement's LIMIT.
  func all<Result, each Value: SQLValue>(
    _ sql: StaticString, _ values: repeat each Value,
    as read: (Row) throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> [Result] {
    var results: [Result] = []
    try forEach(sql, repeat each values) { (row) throws(SQLiteError) in
      results.append(try read(row))
    }
    return results
  }

  func forEach<each Value: SQLValue>(
    _ sql: StaticString, _ values: repeat each Value,
    do body: (Row) throws(SQLiteError) -> Void
  ) throws(SQLiteError) {
    let statement = try statement(sql)
    defer { statement.reset() }
    try statement.bind(repeat each values)
    while try statement.step() { try body(statement.row) }
  }

  /// Runs one or more statements without keeping them: settings and schema.
  func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(code, sql, on: handle) }
  }

  /// Rows that the last INSERT, UPDATE or DELETE changed.
  var changedRows: Int { Int(sqlite3_changes(handle)) }
  var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  private func statement(_ sql: StaticString) throws(SQLiteError) -> Statement {
    if let known = statements[sql.utf8Start] { return known }
    let statement = try Statement(sql, on: handle)
    statements[sql.utf8Start] = statement
    return statement
  }
}

extension Connection {
  /// Runs `body`, whose statements fail with SQLITE_INTERRUPT soon after the flag is set
  /// (https://www.sqlite.org/c3ref/progress_handler.html).
  func interrupted<Result>(
    by stop: StopFlag, _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    sqlite3_progress_handler(
      handle, Self.stepsBetweenLooks,
      { Unmanaged<StopFlag>.fromOpaque($0!).takeUnretainedValue().isSet ? 1 : 0 },
      Unmanaged.passUnretained(stop).toOpaque())
    defer { sqlite3_progress_handler(handle, 0, nil, nil) }
    return try body()
  }

  /// Of SQLite's machine: less than a millisecond's.
  private static let stepsBetweenLooks: Int32 = 10_000

  /// Runs `body` in a transaction: commits what it did, or rolls all of it back and throws.
  func transaction<Result>(
    _ begin: StaticString = "BEGIN", _ body: () throws(SQLiteError) -> Result
  ) throws(SQLiteError) -> Result {
    try run(begin)
    do throws(SQLiteError) {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends an open transaction, if there still is one: a full disk or a failed write may have ended
  /// it (https://www.sqlite.org/lang_transaction.html, section 3).
  func rollBack() {
    guard isInTransaction else { return }
    // Its own failure adds nothing to the error that led here; the next BEGIN would report it.
    try? run("ROLLBACK")
  }
}
