package import EventCore

/// What a worker is told to do.
package enum WorkerOrder: Hashable, Sendable {
  case run(lease: UInt64, AttemptRequest)
  /// The lease is lost.
  case cancel(lease: UInt64, reason: String)
  /// Its result is durable.
  case settle(lease: UInt64)
  /// The gateway shuts down.
  case leave
  /// Another stream has its session: this one is over.
  case yield
}

/// The way to one connected worker. At most three orders wait for each of its leases.
package struct WorkerLine: Sendable {
  package let orders: AsyncStream<WorkerOrder>
  private let continuation: AsyncStream<WorkerOrder>.Continuation

  init() {
    (orders, continuation) = AsyncStream.makeStream(of: WorkerOrder.self)
  }

  func tell(_ order: WorkerOrder) { continuation.yield(order) }

  /// No more orders will follow.
  func end() { continuation.finish() }
}
