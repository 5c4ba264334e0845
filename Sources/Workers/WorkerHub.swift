package import EventCore
import Synchronization

/// Runs functions by the workers that are connected: the runtime of `WorkerTarget`, and what
/// WorkerService talks to. `WorkerFloor` decides; this acts.
package final class WorkerHub: FunctionRuntime {
  package let times: WorkerTimes
  private let floor: Mutex<WorkerFloor>
  private let freed = Mutex<@Sendable ([Lane]) -> Void>({ _ in })

  package init(times: WorkerTimes = WorkerTimes()) {
    self.times = times
    // Above the numbers of any earlier run: they count up from the time of the start.
    let now = UInt64(max(0, Timestamp.now().nanoseconds))
    floor = Mutex(WorkerFloor(firstNumber: now))
  }

  /// - Parameter body: called with the functions that have room again, of which there was none.
  package func whenFreed(_ body: @escaping @Sendable ([Lane]) -> Void) {
    freed.withLock { $0 = body }
  }

  /// Looks after what waits too long, until the task is cancelled.
  package func keepWatch() async {
    while (try? await Task.sleep(for: Self.watchInterval)) != nil {
      act { $0.expire(at: .now) }
    }
  }

  /// How late a start timeout or the end of a grace period may be noticed.
  private static let watchInterval = Duration.milliseconds(250)

  /// Assigns nothing from now on; workers without work are let go, the others when theirs is done.
  package func leave() {
    act { $0.leave() }
  }

  // MARK: Attempts

  package func validate(_ function: Function) throws(GatewayError) {}

  package func takePlace(in lane: Lane) -> RunPlace {
    floor.withLock { $0.takePlace(in: lane) }
  }

  package func leavePlace(_ place: UInt64, isRecorded: Bool) {
    act { $0.leavePlace(place, isRecorded: isRecorded) }
  }

  nonisolated(nonsending) package func run(
    _ attempt: AttemptRequest, into sink: any OutputSink
  ) async -> AttemptResult {
    while !Task.isCancelled {
      guard let lease = await lease(for: attempt) else { break }
      switch await perform(attempt, lease, sink) {
      case .result(let result): return result
      case .notStarted: continue
      case .lost(let worker): return .lost(worker)
      case .cancelled: return .cancelled
      }
    }
    return .cancelled
  }

  /// - Returns: nil when the task was cancelled while it waited for one.
  private nonisolated(nonsending) func lease(for attempt: AttemptRequest) async -> UInt64? {
    if let lease = floor.withLock({ $0.lease(of: attempt.place) }) { return lease }
    let lane = Lane(attempt.trigger.organization, attempt.function.functionID)
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        act { $0.takePlace(attempt.place, in: lane, continuation) }
        // The cancellation may have come before there was anything to stop.
        if Task.isCancelled { act { $0.stopWaiting(attempt.place, in: lane) } }
      }
    } onCancel: {
      act { $0.stopWaiting(attempt.place, in: lane) }
    }
  }

  private nonisolated(nonsending) func perform(
    _ attempt: AttemptRequest, _ lease: UInt64, _ sink: any OutputSink
  ) async -> AssignmentEnd {
    guard case .worker(let target) = attempt.function.target else { return .cancelled }
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let running = RunningAssignment(sink: sink, continuation: continuation)
        act { $0.assign(lease, attempt, running, startBy: .now + target.startTimeout) }
      }
    } onCancel: {
      act { $0.cancel(lease) }
    }
  }

  // MARK: Acting

  func act(_ decide: (inout WorkerFloor) -> [WorkerFloor.Effect]) {
    perform(floor.withLock { decide(&$0) })
  }

  func decide<R>(_ body: (inout WorkerFloor) -> R) -> R { floor.withLock { body(&$0) } }

  func perform(_ effects: [WorkerFloor.Effect]) {
    for effect in effects {
      switch effect {
      case .tell(let line, let order): line.tell(order)
      case .end(let line): line.end()
      case .finish(let running, let end): running.continuation.resume(returning: end)
      case .give(let continuation, let lease): continuation.resume(returning: lease)
      case .freed(let lanes): freed.withLock { $0 }(lanes)
      }
    }
  }
}

extension AttemptResult {
  fileprivate static func lost(_ worker: String) -> AttemptResult {
    var result = AttemptResult(
      .failed(
        InvocationError(
          .system, code: "WORKER_LOST",
          message: "the worker '\(worker)' was lost while it ran the function")))
    result.worker = worker
    return result
  }

  /// The caller cancelled the task, so it does not read this.
  fileprivate static var cancelled: AttemptResult {
    AttemptResult(
      .failed(InvocationError(.cancelled, code: "CANCELLED", message: "the attempt was cancelled")))
  }
}
