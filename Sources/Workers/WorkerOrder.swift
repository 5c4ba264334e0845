package import EventCore

/// What a worker is told to do.
package enum WorkerOrder: Hashable, Sendable {
  indirect case run(lease: UInt64, AttemptRequest)
  /// The lease is lost.
  case cancel(lease: UInt64, reason: String)
  /// Its result is durable.
  case settle(lease: UInt64)
  /// The gateway shuts down.
  case leave
  /// Another stream has its session: this one is over.
  case yield
}
