package import Messages
internal import Synchronization

/// Whether the gateway serves, for health checks; each watcher learns of every change.
package final class Health: Sendable {
  private struct State {
    var status = HealthCheckResponse.Status.serving
    var watchers: [Int: AsyncStream<HealthCheckResponse.Status>.Continuation] = [:]
    var nextWatcher = 0
    var isFinished = false
  }

  private let state = Mutex(State())

  package init() {}

  package var status: HealthCheckResponse.Status {
    state.withLock { $0.status }
  }

  /// The gateway is shutting down.
  package var isFinished: Bool {
    state.withLock { $0.isFinished }
  }

  package func set(_ status: HealthCheckResponse.Status) {
    state.withLock { state in
      guard state.status != status else { return }
      state.status = status
      for watcher in state.watchers.values { watcher.yield(status) }
    }
  }

  /// NOT_SERVING for good. Every watch ends after it: an open one would hold up the server's drain.
  package func finish() {
    set(.notServing)
    let watchers = state.withLock { state in
      state.isFinished = true
      return state.watchers.values
    }
    // Not under the lock: the end of a watch takes it.
    for watcher in watchers { watcher.finish() }
  }

  /// Calls `body` once the gateway is shutting down, or when the task is cancelled.
  func whenFinished(_ body: @escaping @Sendable () -> Void) -> Task<Void, Never> {
    let statuses = watch()
    return Task {
      for await _ in statuses {}
      body()
    }
  }

  /// The status now, then every change; only the newest is kept for a slow reader.
  func watch() -> AsyncStream<HealthCheckResponse.Status> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: HealthCheckResponse.Status.self, bufferingPolicy: .bufferingNewest(1))
    let isFinished = state.withLock { state in
      let id = state.nextWatcher
      state.nextWatcher += 1
      state.watchers[id] = continuation
      continuation.yield(state.status)
      continuation.onTermination = { [weak self] _ in
        self?.state.withLock { $0.watchers[id] = nil }
      }
      return state.isFinished
    }
    if isFinished { continuation.finish() }
    return stream
  }
}
