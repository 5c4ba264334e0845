import CSQLite
import EventCore

/// One prepared statement. Owns the C handle; `deinit` finalizes it, so the connection must outlive
/// it.
final class Statement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  private let sql: StaticString

  init(_ sql: StaticString, on connection: OpaquePointer) throws(SQLiteError) {
    var handle: OpaquePointer?
    let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
    let code = sql.utf8Start.withMemoryRebound(to: CChar.self, capacity: sql.utf8CodeUnitCount) {
      sqlite3_prepare_v3(connection, $0, Int32(sql.utf8CodeUnitCount), flags, &handle, nil)
    }
    guard code == SQLITE_OK, let handle else {
      throw SQLiteError(code, "\(sql)", on: connection)
    }
    self.handle = handle
    self.connection = connection
    self.sql = sql
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds all parameters, ?1 first.
  func bind<each Value: SQLValue>(_ values: repeat each Value) throws(SQLiteError) {
    var index: Int32 = 0
    for value in repeat each values {
      index += 1
      let code = value.bind(to: handle, at: index)
      guard code == SQLITE_OK else { throw SQLiteError(code, "\(sql)", on: connection) }
    }
  }

  /// Goes to the next row; false when there is none.
  func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw SQLiteError(code, "\(sql)", on: connection)
    }
  }

  /// Makes it ready for the next use, and lets go of what was bound.
  func reset() {
    // Repeats the error of the last step, which has been thrown already.
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  /// Where the statement stands; valid until the next step.
  var row: Row { Row(statement: handle) }
}

/// The columns of the row that a statement stands at, from 0. Don't keep it.
struct Row {
  fileprivate let statement: OpaquePointer

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  func time(_ column: Int32) -> Timestamp { Timestamp(nanoseconds: integer(column)) }

  func timeIfAny(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }

  /// Empty for NULL.
  func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(statement, column) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// Empty for NULL.
  func bytes(_ column: Int32) -> [UInt8] {
    withBytes(column) { Array($0) }
  }

  func withBytes<Result, Failure: Error>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = sqlite3_column_blob(statement, column)
    let count = Int(sqlite3_column_bytes(statement, column))
    return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }

  func uniqueID(_ column: Int32) throws(SQLiteError) -> UniqueID {
    try withBytes(column) { (bytes) throws(SQLiteError) in
      guard bytes.count == 16 else { throw .damaged("an id of \(bytes.count) bytes") }
      return UniqueID(
        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }
}
