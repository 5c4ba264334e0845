import Synchronization

/// Wakes one task that waits. Raised before the task waits, it wakes it at once; raised often, it
/// wakes it once: so whoever is woken looks at everything that may have changed.
package final class Signal: Sendable {
  private struct State {
    var isRaised = false
    var waiter: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  package init() {}

  package func raise() {
    let waiter = state.withLock { state in
      let waiter = state.waiter.take()
      state.isRaised = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Returns when it is raised, or was since the last wait, or the task is cancelled. One task at a
  /// time.
  package nonisolated(nonsending) func wait() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let mayWait = state.withLock { state in
          precondition(state.waiter == nil, "two tasks wait for one signal")
          let mayWait = !state.isRaised && !Task.isCancelled
          state.isRaised = false
          if mayWait { state.waiter = continuation }
          return mayWait
        }
        if !mayWait { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiter.take() }?.resume()
    }
  }
}
