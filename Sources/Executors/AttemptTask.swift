import Synchronization

/// The task of an attempt, which may be cancelled before it is known: it begins to run while it is
/// being made.
final class AttemptTask: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var isCancelled = false
  }

  private let state = Mutex(State())

  /// Nil while it is being made.
  var task: Task<Void, Never>? { state.withLock(\.task) }

  func set(_ task: Task<Void, Never>) {
    let isCancelled = state.withLock { state in
      state.task = task
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  func cancel() {
    let task = state.withLock { state in
      state.isCancelled = true
      return state.task
    }
    task?.cancel()
  }
}
