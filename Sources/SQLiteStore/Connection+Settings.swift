import EventCore

/// The two kinds of connection that the store has, and their settings
/// (https://www.sqlite.org/pragma.html).
extension Connection {
  /// The one that writes. Brings the tables up to date first, before it changes anything else in a
  /// file that may not be ours.
  static func writer(
    _ path: String, _ limits: StoreLimits, fileSystem: String?
  ) throws(StoreError) -> Connection {
    let connection = try StoreError.reporting { () throws(SQLiteError) in
      let connection = try Connection(path: path, .readWrite, fileSystem: fileSystem)
      try connection.execute("PRAGMA busy_timeout = \(limits.busyTimeout.milliseconds)")
      return connection
    }
    try Migration.run(on: connection)
    try StoreError.reporting { () throws(SQLiteError) in
      try connection.useWriteAheadLog(limits)
      try connection.execute("PRAGMA cache_size = -\(limits.writerCacheBytesMax / 1_024)")
    }
    return connection
  }

  static func reader(
    _ path: String, _ limits: StoreLimits, fileSystem: String?
  ) throws(StoreError) -> Connection {
    try StoreError.reporting { () throws(SQLiteError) in
      let connection = try Connection(path: path, .readOnly, fileSystem: fileSystem)
      try connection.execute("PRAGMA busy_timeout = \(limits.busyTimeout.milliseconds)")
      try connection.execute("PRAGMA cache_size = -\(limits.readerCacheBytesMax / 1_024)")
      return connection
    }
  }

  private func useWriteAheadLog(_ limits: StoreLimits) throws(SQLiteError) {
    let mode = try first("PRAGMA journal_mode = WAL") { $0.text(0) }
    guard mode == "wal" else {
      // A file system without shared memory, such as some network ones.
      throw SQLiteError(0, "PRAGMA journal_mode = WAL", message: "got \(mode ?? "nothing")")
    }
    // An fsync with each commit. With NORMAL a power failure would take acknowledged triggers.
    try execute("PRAGMA synchronous = FULL")
    try execute("PRAGMA wal_autocheckpoint = \(limits.checkpointPages)")
    try execute("PRAGMA journal_size_limit = \(limits.journalBytesMax)")
  }
}

extension Duration {
  fileprivate var milliseconds: Int64 { wholeNanoseconds / 1_000_000 }
}
