import DequeModule
import Synchronization

/// The pool-wide bound on running attempts.
///
/// Lanes that find none free wait in line, each at most once, so a lane with much work gets its turn
/// as often as one with little.
final class RunPermits: Sendable {
  private struct State {
    var free: Int
    var line: Deque<LaneExecutor> = []
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    precondition(count > 0, "a pool that may run nothing")
    state = Mutex(State(free: count))
  }

  var waitingCount: Int { state.withLock(\.line.count) }

  /// - Returns: true if the lane has a permit now; if not, `grantPermit` is called later, once.
  func request(for lane: LaneExecutor) -> Bool {
    state.withLock { state in
      guard state.free == 0 else {
        state.free -= 1
        return true
      }
      state.line.append(lane)
      return false
    }
  }

  /// Gives a permit back, to the lane that has waited longest if there is one.
  func release() {
    let next = state.withLock { state -> LaneExecutor? in
      if let next = state.line.popFirst() { return next }
      state.free += 1
      return nil
    }
    next?.grantPermit()
  }
}
