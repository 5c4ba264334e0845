import EventCore
import Logging
import Synchronization

/// Group commit: many tasks wait, one thread writes.
///
/// The thread takes everything that waits (up to a limit) as one transaction, commits, tells the
/// observers, and then resumes all waiters. While it waits for the disk the next transaction
/// gathers. If anything fails, nothing of the transaction is kept and every waiter gets the error.
final class CommitQueue: Sendable {
  private let queue: BoundedQueue<any PendingWrite>
  private let limits: StoreLimits
  private let logger: Logger
  private let resuming: Resumption
  private let transactions = Atomic<Int>(0)

  /// Runs a closure that resumes many tasks, one after the other.
  typealias Resumption = @Sendable (_ resume: () -> Void) -> Void

  init(limits: StoreLimits, logger: Logger, resuming: @escaping Resumption) {
    self.resuming = resuming
    self.limits = limits
    self.logger = logger
    queue = BoundedQueue(elementsMax: limits.queuedWritesMax, bytesMax: limits.queuedBytesMax)
  }

  /// Transactions that were committed since the start.
  var committedTransactions: Int { transactions.load(ordering: .relaxed) }

  /// Writes that wait for the next transaction.
  var depth: Int { queue.count }

  /// Returns once what `body` did is durable.
  ///
  /// - Parameter owner: whose turn it takes; nil for the gateway's own.
  nonisolated(nonsending) func write<Value: Sendable>(
    of owner: Organization?, _ cost: QueueCost = QueueCost(),
    _ body: @escaping RowWrite<Value>.Body
  ) async throws(StoreError) -> Value {
    try await withUnsafeContinuation { (waiter: Waiter<Value>) in
      add(RowWrite(waiter, body), of: owner, cost)
    }.get()
  }

  func join(_ observer: @escaping @Sendable (DefinitionUpdate) -> Void) async throws(StoreError) {
    try await withUnsafeContinuation { (waiter: Waiter<Void>) in
      add(ObserverJoin(waiter: waiter, observer: observer), of: nil, QueueCost())
    }.get()
  }

  /// Refuses what comes from now on; `run` commits what waits and returns.
  func close() { queue.close() }

  /// The writer's thread: returns once the queue is closed and empty.
  func run(_ session: WriteSession) {
    var isFailing = false
    while true {
      let batch = queue.take(
        upTo: QueueCost(rows: limits.batchRowsMax, bytes: limits.batchBytesMax))
      if batch.isEmpty { return }
      do throws(SQLiteError) {
        try commit(batch, in: session)
        if isFailing { logger.notice("the store writes again") }
        isFailing = false
      } catch {
        // Once per trouble, not once per transaction: a full disk fails thousands.
        if !isFailing { logger.error("the store can't write: \(error)") }
        isFailing = true
        session.rollBack()
        for write in batch { write.failed(StoreError(error)) }
      }
    }
  }

  private func commit(
    _ batch: [any PendingWrite], in session: WriteSession
  ) throws(SQLiteError) {
    try session.begin()
    for write in batch { try write.perform(in: session) }
    try session.commitTransaction()
    transactions.add(1, ordering: .relaxed)
    session.notifyObservers()
    resuming {
      for write in batch { write.committed(in: session) }
    }
  }

  private func add(_ write: any PendingWrite, of owner: Organization?, _ cost: QueueCost) {
    switch queue.add(write, of: owner, cost) {
    case .queued: break
    case .full: write.failed(.overloaded(retryAfter: limits.retryAfter))
    case .closed: write.failed(.closed)
    }
  }
}
