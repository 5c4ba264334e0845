import EventCore
import Executors
import TestSupport

/// A clock that stands still until a test moves it.
final class ManualClock: PoolClock {
  private struct State: Sendable {
    var now = ManualClock.start
    /// How much time has passed, whatever the clock shows: sleeps go by it.
    var elapsed = Duration.zero
    var sleepers: [Int: Duration] = [:]
    var nextSleeper = 0
  }

  static let start = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

  private let state = Observed(State())

  func now() -> Timestamp { state.value.now }

  func uptime() -> Duration { state.value.elapsed }

  func sleep(_ duration: Duration) async throws {
    let (id, deadline) = state.update { state in
      state.nextSleeper += 1
      state.sleepers[state.nextSleeper] = state.elapsed + duration
      return (state.nextSleeper, state.elapsed + duration)
    }
    await state.until { $0.elapsed >= deadline }
    state.update { $0.sleepers[id] = nil }
    try Task.checkCancellation()
  }

  var elapsed: Duration { state.value.elapsed }

  func advance(by duration: Duration) {
    state.update { state in
      state.now = state.now + duration
      state.elapsed += duration
    }
  }

  /// The clock is set to another time, and nobody wakes by that.
  func jump(by duration: Duration) {
    state.update { $0.now = $0.now + duration }
  }

  /// Returns when someone sleeps for a time in this range, counted from now.
  func someoneSleeps(for range: ClosedRange<Duration>) async {
    await state.until { state in
      state.sleepers.values.contains { range.contains($0 - state.elapsed) }
    }
  }

  /// Returns when the pool's upkeep has nothing to do for long.
  func upkeepSleeps() async {
    let interval = ExecutorLimits.upkeepInterval
    await someoneSleeps(for: (interval / 2)...interval)
  }

  func sleepers(atMost count: Int) async {
    await state.until { $0.sleepers.count <= count }
  }

  func nobodySleeps() async {
    await state.until { $0.sleepers.isEmpty }
  }
}
