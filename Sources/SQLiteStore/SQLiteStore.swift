package import EventCore
package import Logging

/// The embedded store: one SQLite database in a directory that one gateway owns.
///
/// Writes are durable when they return (WAL with synchronous=FULL: each commit is an fsync). They
/// share transactions, so throughput grows with the number of callers. See `CommitQueue` for
/// writing, `ReadPool` for reading, `Schema` for the tables.
package final class SQLiteStore: Sendable {
  let commits: CommitQueue
  let reads: ReadPool
  /// For the executors alone, so that no list of a client's stands in their way.
  let workReads: ReadPool
  let limits: StoreLimits
  private let writerEnd = EndSignal(threads: 1)
  private let readersEnd: EndSignal

  /// Opens the database in `directory`, and creates or migrates it as needed.
  ///
  /// - Parameters:
  ///   - fileSystem: the name of a SQLite VFS, with which tests make disks fail.
  ///   - resuming: runs a closure that resumes the tasks of one commit, one after the other: who runs
  ///     them may want to begin when all have come.
  /// - Throws: `unavailable`, which says what is wrong and what to do: another gateway uses the
  ///   directory; the file is damaged, of a newer version, locked or not writable.
  package static func open(
    directory: String, limits: StoreLimits = StoreLimits(), fileSystem: String? = nil,
    resuming: @escaping @Sendable (_ resume: () -> Void) -> Void = { $0() }, logger: Logger
  ) throws(StoreError) -> SQLiteStore {
    let data = try DataDirectory(directory)
    // If something fails, its deinit ends the threads that are running by then.
    let store = SQLiteStore(limits, resuming, logger)
    try store.startWriter(data, fileSystem)
    for _ in 0..<limits.readersMax { try store.startReader(of: store.reads, data, fileSystem) }
    try store.startReader(of: store.workReads, data, fileSystem)
    logger.info("store open", metadata: ["database": "\(data.databasePath)"])
    return store
  }

  private init(
    _ limits: StoreLimits, _ resuming: @escaping CommitQueue.Resumption, _ logger: Logger
  ) {
    self.limits = limits
    commits = CommitQueue(limits: limits, logger: logger, resuming: resuming)
    reads = ReadPool(limits: limits)
    workReads = ReadPool(limits: limits)
    readersEnd = EndSignal(threads: limits.readersMax + 1)
  }

  deinit {
    reads.close()
    workReads.close()
    commits.close()
  }

  /// Commits what waits, then closes. Later calls throw `StoreError.closed`.
  package func close() async {
    reads.close()
    workReads.close()
    await readersEnd.wait()
    // Last, as only a connection that writes can move the log into the database and remove it.
    commits.close()
    await writerEnd.wait()
  }

  /// Transactions that were committed since the start; many writes share one.
  package var committedTransactions: Int { commits.committedTransactions }

  /// Writes that wait for the next transaction.
  package var queuedWrites: Int { commits.depth }

  private func startWriter(_ data: DataDirectory, _ fileSystem: String?) throws(StoreError) {
    let connection = try Connection.writer(data.databasePath, limits, fileSystem: fileSystem)
    StoreThread.start { [commits, limits] in
      commits.run(WriteSession(on: connection, limits: limits))
    } atEnd: { [writerEnd] in
      data.unlock()
      writerEnd.threadEnded()
    }
  }

  private func startReader(
    of reads: ReadPool, _ data: DataDirectory, _ fileSystem: String?
  ) throws(StoreError) {
    let connection = try Connection.reader(data.databasePath, limits, fileSystem: fileSystem)
    StoreThread.start {
      reads.run(on: connection)
    } atEnd: { [readersEnd] in
      readersEnd.threadEnded()
    }
  }
}
