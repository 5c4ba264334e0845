/// The latencies of an organization that triggers at a modest rate, by the clock and not one after the
/// other: one that is late makes none later.
struct Probe {
  static let interval = Duration.milliseconds(20)

  private(set) var latencies: [Duration] = []

  /// - Parameter mayEnd: asked after each; at least `count` are made.
  static func run(
    _ tenant: Tenant, atLeast count: Int, until mayEnd: @Sendable () -> Bool
  ) async throws -> Probe {
    var probe = Probe()
    try await withThrowingTaskGroup(of: Duration.self) { group in
      var next = ContinuousClock.now
      var made = 0
      while made < count || !mayEnd() {
        try await Task.sleep(until: next, tolerance: .zero)
        group.addTask { try await tenant.roundTrip() }
        next += interval
        made += 1
      }
      for try await latency in group { probe.latencies.append(latency) }
    }
    probe.latencies.sort()
    return probe
  }

  func percentile(_ part: Double) -> Double {
    let index = min(latencies.count - 1, Int((Double(latencies.count) * part).rounded(.up)) - 1)
    return latencies[max(0, index)] / .milliseconds(1)
  }
}
