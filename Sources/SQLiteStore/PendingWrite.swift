import EventCore

/// A write that waits for its commit, and the task that waits for it.
protocol PendingWrite: Sendable {
  /// Runs in the writer's transaction, with others before and after it.
  func perform(in session: WriteSession) throws(SQLiteError)
  /// The transaction is durable, and the observers have been told.
  func committed(in session: WriteSession)
  /// It was rolled back.
  func failed(_ error: StoreError)
}

/// Changes rows; its caller gets what `body` returned.
final class RowWrite<Value: Sendable>: PendingWrite, @unchecked Sendable {
  typealias Body = @Sendable (WriteSession) throws(SQLiteError) -> Value

  private let body: Body
  private let waiter: Waiter<Value>
  /// Only the writer's thread touches it.
  private var value: Value?

  init(_ waiter: Waiter<Value>, _ body: @escaping Body) {
    self.waiter = waiter
    self.body = body
  }

  func perform(in session: WriteSession) throws(SQLiteError) {
    value = try body(session)
  }

  func committed(in session: WriteSession) {
    guard let value else { preconditionFailure("committed without being performed") }
    waiter.resume(returning: .success(value))
  }

  func failed(_ error: StoreError) {
    waiter.resume(returning: .failure(error))
  }
}

/// An observer that joins: queued with the writes, so that it misses none of them.
struct ObserverJoin: PendingWrite {
  let waiter: Waiter<Void>
  let observer: @Sendable (DefinitionUpdate) -> Void

  func perform(in session: WriteSession) {}

  func committed(in session: WriteSession) {
    do throws(SQLiteError) {
      try session.add(observer)
      waiter.resume(returning: .success(()))
    } catch {
      waiter.resume(returning: .failure(StoreError(error)))
    }
  }

  func failed(_ error: StoreError) {
    waiter.resume(returning: .failure(error))
  }
}

/// A task that waits for the store.
///
/// Unsafe, as it is on the path of every trigger: `PendingWrite` is committed or failed once, and a
/// queued read runs once, also when the store is closed.
typealias Waiter<Value> = UnsafeContinuation<Result<Value, StoreError>, Never>
