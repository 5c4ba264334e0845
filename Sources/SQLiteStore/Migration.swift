import EventCore

/// Brings a database's tables to the version that the program knows.
enum Migration {
  /// Takes the steps that are missing, each in a transaction of its own.
  ///
  /// - Throws: `unavailable` also if the file is of a newer program, or another program's.
  static func run(
    on connection: Connection, _ steps: [String] = Schema.steps
  ) throws(StoreError) {
    let version = try StoreError.reporting { () throws(SQLiteError) in
      try Self.version(of: connection)
    }
    guard let version else {
      throw .unavailable("the database belongs to another program: use another data directory")
    }
    guard version <= steps.count else {
      throw .unavailable(
        "the database is of version \(version), this program knows versions up to \(steps.count): "
          + "run the newer program, or use another data directory")
    }
    for (index, step) in steps.enumerated().dropFirst(version) {
      try StoreError.reporting { () throws(SQLiteError) in
        try take(step, to: index + 1, on: connection)
      }
    }
  }

  /// Nil if it is not one of ours.
  private static func version(of connection: Connection) throws(SQLiteError) -> Int? {
    let version = try integer(connection, "PRAGMA user_version")
    let application = try integer(connection, "PRAGMA application_id")
    let objects = try integer(connection, "SELECT count(*) FROM sqlite_schema")
    let isNew = version == 0 && application == 0 && objects == 0
    return isNew || application == Schema.applicationID ? Int(version) : nil
  }

  private static func take(
    _ step: String, to version: Int, on connection: Connection
  ) throws(SQLiteError) {
    try connection.transaction("BEGIN IMMEDIATE") { () throws(SQLiteError) in
      try connection.execute(step)
      try connection.execute("PRAGMA user_version = \(version)")
      try connection.execute("PRAGMA application_id = \(Schema.applicationID)")
    }
  }

  private static func integer(
    _ connection: Connection, _ sql: StaticString
  ) throws(SQLiteError) -> Int64 {
    try connection.first(sql) { $0.integer(0) } ?? 0
  }
}
