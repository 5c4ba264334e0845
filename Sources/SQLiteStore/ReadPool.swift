import EventCore

/// Reads on threads of their own, each with its connection. In WAL mode they neither wait for the
/// writer nor hold it up (https://www.sqlite.org/wal.html#concurrency).
final class ReadPool: Sendable {
  private let queue: BoundedQueue<@Sendable (Connection) -> Void>
  private let retryAfter: Duration

  init(limits: StoreLimits) {
    retryAfter = limits.retryAfter
    queue = BoundedQueue(elementsMax: limits.queuedReadsMax, bytesMax: .max)
  }

  /// Runs `body` in a transaction, so that everything it reads is of one moment. It sees every
  /// write that returned before.
  ///
  /// A read whose task is cancelled does not begin, or ends where it is.
  ///
  /// - Parameter owner: whose turn it takes; nil for the gateway's own.
  func read<Value: Sendable>(
    of owner: Organization?, _ body: @escaping @Sendable (Connection) throws(SQLiteError) -> Value
  ) async throws(StoreError) -> Value {
    let stop = StopFlag()
    return try await withTaskCancellationHandler {
      await withUnsafeContinuation { (waiter: Waiter<Value>) in
        let admission = queue.add(
          { waiter.resume(returning: Self.run(body, on: $0, until: stop)) }, of: owner)
        switch admission {
        case .queued: break
        case .full:
          waiter.resume(returning: .failure(.overloaded(retryAfter: retryAfter)))
        case .closed:
          waiter.resume(returning: .failure(.closed))
        }
      }
    } onCancel: {
      stop.set()
    }.get()
  }

  /// Refuses what comes from now on; each `run` returns when no read waits any more.
  func close() { queue.close() }

  /// One reader's thread.
  func run(on connection: Connection) {
    while let read = queue.take(upTo: QueueCost(bytes: .max)).first { read(connection) }
  }

  private static func run<Value>(
    _ body: (Connection) throws(SQLiteError) -> Value, on connection: Connection,
    until stop: StopFlag
  ) -> Result<Value, StoreError> {
    guard !stop.isSet else { return .failure(.cancelled) }
    do throws(SQLiteError) {
      return .success(
        try connection.transaction { () throws(SQLiteError) in
          try connection.interrupted(by: stop) { () throws(SQLiteError) in try body(connection) }
        })
    } catch {
      return .failure(stop.isSet ? .cancelled : StoreError(error))
    }
  }
}
