import EventCore
import Executors

/// A clock that stands still until a test moves it.
final class ManualClock: PoolClock {
  private struct State: Sendable {
    var now = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    var sleepers: [Int: Timestamp] = [:]
    var nextSleeper = 0
  }

  private let state = Observed(State())

  func now() -> Timestamp { state.value.now }

  func sleep(_ duration: Duration) async throws {
    let (id, deadline) = state.update { state in
      state.nextSleeper += 1
      state.sleepers[state.nextSleeper] = state.now + duration
      return (state.nextSleeper, state.now + duration)
    }
    await state.until { $0.now >= deadline }
    state.update { $0.sleepers[id] = nil }
    try Task.checkCancellation()
  }

  func advance(by duration: Duration) {
    state.update { $0.now = $0.now + duration }
  }

  /// Returns when someone sleeps for a time in this range, counted from now.
  func someoneSleeps(for range: ClosedRange<Duration>) async {
    await state.until { state in
      state.sleepers.values.contains { range.contains($0 - state.now) }
    }
  }

  func nobodySleeps() async {
    await state.until { $0.sleepers.isEmpty }
  }
}
