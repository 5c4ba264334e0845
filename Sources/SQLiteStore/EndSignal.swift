import Synchronization

/// Lets tasks wait until a number of threads have ended.
final class EndSignal: Sendable {
  private struct State {
    var running: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Mutex<State>

  init(threads: Int) {
    state = Mutex(State(running: threads))
  }

  /// Called by each thread as the last thing it does.
  func threadEnded() {
    let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.running -= 1
      guard state.running == 0 else { return [] }
      defer { state.waiting = [] }
      return state.waiting
    }
    for waiter in released { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { waiter in
      let hasEnded = state.withLock { state in
        if state.running > 0 { state.waiting.append(waiter) }
        return state.running == 0
      }
      if hasEnded { waiter.resume() }
    }
  }
}
