package import EventCore

/// The wall clock, and waiting by it. Tests bring one that they move by hand.
package protocol PoolClock: Sendable {
  func now() -> Timestamp

  /// Counts on whatever the wall clock does; only differences mean something.
  func uptime() -> Duration

  /// - Throws: only when the task is cancelled.
  func sleep(_ duration: Duration) async throws
}

package struct SystemClock: PoolClock {
  private static let start = ContinuousClock.now

  package init() {}

  package func now() -> Timestamp { .now() }

  package func uptime() -> Duration { Self.start.duration(to: .now) }

  package func sleep(_ duration: Duration) async throws {
    try await Task.sleep(for: duration)
  }
}
