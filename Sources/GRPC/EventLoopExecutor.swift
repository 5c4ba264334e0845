package import NIOCore
import NIOPosix
import Synchronization

/// Runs a task's jobs on an event loop, so that a handler stays on the loop of its connection
/// until it awaits something that lives elsewhere. NIO has a serial executor for each loop but no
/// task executor.
///
/// A loop has one, so that tasks of several connections and of the pool behind them are on the same
/// executor and call each other without a hop. Jobs that come together run in one go, a *turn*: the
/// loop is asked once, and what they write leaves in one write after the last of them. What a turn
/// hands to other loops it hands over at its end: else each of them would wake for every single job,
/// and spend more on waking than on the job (0.6 system calls of each kind a trip, measured with 256
/// in flight).
package final class EventLoopExecutor: TaskExecutor {
  private struct Queue {
    var jobs: [UnownedJob] = []
    var isScheduled = false
  }

  private struct Reference: Sendable {
    weak var executor: EventLoopExecutor?
  }

  /// Those that have jobs since this thread's turn began. Only that thread touches it.
  private final class Turn: @unchecked Sendable {
    var waking: [EventLoopExecutor] = []
  }

  private static let executors = Mutex<[ObjectIdentifier: Reference]>([:])
  private static let turn = ThreadSpecificVariable<Turn>()

  private let loop: any EventLoop
  private let queue = Mutex(Queue())

  private init(_ loop: any EventLoop) { self.loop = loop }

  /// The loop's own.
  package static func of(_ loop: any EventLoop) -> EventLoopExecutor {
    executors.withLock { executors in
      if let known = executors[ObjectIdentifier(loop)]?.executor { return known }
      executors = executors.filter { $0.value.executor != nil }
      let new = EventLoopExecutor(loop)
      executors[ObjectIdentifier(loop)] = Reference(executor: new)
      return new
    }
  }

  /// Runs `body` as a turn of this thread, for others who resume many tasks in one go.
  package static func takeTurn(_ body: () -> Void) {
    guard turn.currentValue == nil else { return body() }
    let this = Turn()
    turn.currentValue = this
    body()
    turn.currentValue = nil
    for executor in this.waking { executor.schedule() }
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = queue.withLock { queue in
      queue.jobs.append(job)
      defer { queue.isScheduled = true }
      return !queue.isScheduled
    }
    guard isFirst else { return }
    if let turn = Self.turn.currentValue { turn.waking.append(self) } else { schedule() }
  }

  private func schedule() {
    loop.execute {
      let jobs = self.queue.withLock { queue in
        // Those that come meanwhile have their turn after what else the loop has to do.
        queue.isScheduled = false
        defer { queue.jobs = [] }
        return queue.jobs
      }
      Self.takeTurn {
        for job in jobs { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
      }
    }
  }

  package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
    UnownedTaskExecutor(ordinary: self)
  }
}
