import CSQLite
import EventCore

extension StoreError {
  /// What a user is told when SQLite failed: what is the matter, what to do, SQLite's own words.
  init(_ error: SQLiteError) {
    self = .unavailable("\(Self.advice(for: error.primaryCode)) [\(error)]")
  }

  /// Runs `body` and says its failure in words for a user.
  static func reporting<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(StoreError) -> Result {
    do throws(SQLiteError) { return try body() } catch { throw StoreError(error) }
  }

  private static func advice(for code: Int32) -> String {
    switch code {
    case SQLITE_FULL:
      "the disk is full: free space or move the data directory; nothing was stored"
    case SQLITE_BUSY, SQLITE_LOCKED:
      "the database is locked by another program: end it (a backup, a database shell) and try again"
    case SQLITE_NOTADB, SQLITE_CORRUPT:
      "the database is damaged: stop the gateway, then restore a backup of the data directory"
    case SQLITE_READONLY, SQLITE_PERM:
      "the database can't be written: check the owner and mode of the data directory"
    case SQLITE_CANTOPEN:
      "the database can't be opened: check that the data directory exists and is accessible"
    case SQLITE_IOERR:
      "the disk failed: check the system's log; nothing was stored"
    case SQLITE_NOMEM:
      "out of memory; nothing was stored"
    default:
      "the database failed; nothing was stored"
    }
  }
}
