/// Every bound of the workers, with its reason.
package enum WorkerLimits {
  /// Sessions at once, those of workers that may come back included. Each takes a few KiB.
  package static let sessionsMax = 20_000
  /// Functions of one worker.
  package static let functionsMax = 256
  /// Assignments that a worker may have room for: what waits for it is bounded by this times the
  /// payload's limit.
  package static let creditMax = 1_000
  /// A worker's name and its session's.
  package static let nameBytesMax = 256
  /// Leases whose acknowledgement a lost worker has missed, of one session; the oldest are
  /// forgotten, and a late result of one is told to be refused.
  static let settledMax = 1_000
}

/// What an operator may set.
package struct WorkerTimes: Sendable {
  /// How often the gateway pings; a stream on which nothing is heard for two of them ends.
  package var pingInterval = Duration.seconds(10)
  /// How long the assignments of a lost worker wait for it to reconnect.
  package var gracePeriod = Duration.seconds(30)

  package init() {}
}
