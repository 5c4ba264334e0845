package import EventCore
import Synchronization

/// A function that is run once, for a caller who waits: nothing of it is stored.
package final class DirectRun: Sendable {
  package enum End: Sendable {
    /// With the output that is kept, and how long it ran.
    case ran(AttemptResult, Output?, time: Duration)
    /// It did not run.
    case refused(GatewayError)
    /// The caller gave up, or the pool shuts down.
    case stopped
  }

  /// That it started, and its output and logs as they come. Ends when the run is over.
  package let progress: TriggerWatch
  private let result = Mutex(End.stopped)
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(_ progress: TriggerWatch) {
    self.progress = progress
  }

  /// To be called once.
  func start(_ body: @escaping @Sendable () async -> End) -> Task<Void, Never> {
    let task = Task {
      let end = await body()
      result.withLock { $0 = end }
      progress.cancel()
    }
    self.task.withLock { $0 = task }
    return task
  }

  /// Returns when nothing of it is left running.
  package var end: End {
    get async {
      await task.withLock { $0 }?.value
      return result.withLock { $0 }
    }
  }

  /// Stops the function, or the waiting for its turn.
  package func cancel() {
    task.withLock { $0 }?.cancel()
  }
}
