import CSQLite

/// A call to SQLite that failed: which one, with what code, and SQLite's own words.
///
/// The codes are those of https://www.sqlite.org/rescode.html.
struct SQLiteError: Error, Sendable {
  /// The extended result code.
  var code: Int32
  /// The C function, or the statement that it ran.
  var operation: String
  var message: String

  init(_ code: Int32, _ operation: String, message: String) {
    self.code = code
    self.operation = operation
    self.message = message
  }

  /// With the message that the connection holds for its last failed call.
  init(_ code: Int32, _ operation: String, on connection: OpaquePointer?) {
    let text = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
    self.init(code, operation, message: text.map { String(cString: $0) } ?? "")
  }

  /// What was read makes no sense: the file was changed from outside, or by a bug of ours.
  static func damaged(_ what: String) -> SQLiteError {
    SQLiteError(SQLITE_CORRUPT, "decode", message: what)
  }

  /// Without the details in the upper bits.
  var primaryCode: Int32 { code & 0xFF }
}

extension SQLiteError: CustomStringConvertible {
  /// Holds the name that people search for: `SQLITE_FULL (13) in COMMIT: database or disk is full`.
  var description: String { "\(name) (\(code)) in \(operation): \(message)" }

  private var name: String {
    switch primaryCode {
    case SQLITE_ERROR: "SQLITE_ERROR"
    case SQLITE_PERM: "SQLITE_PERM"
    case SQLITE_BUSY: "SQLITE_BUSY"
    case SQLITE_LOCKED: "SQLITE_LOCKED"
    case SQLITE_NOMEM: "SQLITE_NOMEM"
    case SQLITE_READONLY: "SQLITE_READONLY"
    case SQLITE_IOERR: "SQLITE_IOERR"
    case SQLITE_CORRUPT: "SQLITE_CORRUPT"
    case SQLITE_FULL: "SQLITE_FULL"
    case SQLITE_CANTOPEN: "SQLITE_CANTOPEN"
    case SQLITE_TOOBIG: "SQLITE_TOOBIG"
    case SQLITE_CONSTRAINT: "SQLITE_CONSTRAINT"
    case SQLITE_MISUSE: "SQLITE_MISUSE"
    case SQLITE_NOTADB: "SQLITE_NOTADB"
    default: "SQLite error"
    }
  }
}
