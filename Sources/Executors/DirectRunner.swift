import EventCore
import Matching

/// Runs a function for a caller: waits for its turn in the function's lane, which it then has as an
/// invocation has it, with a permit of the pool and a place.
struct DirectRunner: Sendable {
  let runner: AttemptRunner
  let lanes: LaneDirectory
  let permits: RunPermits
  let functionID: String
  /// What the function gets; it is of no event and is not stored.
  let trigger: Trigger
  /// Of all of it, the waiting included.
  let timeout: Duration

  private var lane: Lane { Lane(trigger.organization, functionID) }
  private var runID: InvocationID { InvocationID(triggerID: trigger.triggerID, ordinal: 0) }

  func run(_ ticket: CallerLine.Ticket) async -> DirectRun.End {
    let deadline = runner.clock.now() + timeout
    switch await turn(ticket) {
    case .turn(let place):
      let end = await run(at: place, until: deadline)
      permits.release(of: lane)
      if place != 0 { runner.runtime.leavePlace(place, isRecorded: end.isResult) }
      lanes.end(.finished(ticket, end.verdict), in: lane)
      return end
    case .notYet(let obstacle):
      return Task.isCancelled ? .stopped : .refused(busy(obstacle.words))
    case .full: return .refused(.callersFull)
    case .closed: return .refused(.poolClosed)
    }
  }

  // MARK: Waiting

  private func turn(_ ticket: CallerLine.Ticket) async -> Caller.Answer {
    await withTaskGroup(of: Caller.Answer?.self) { group in
      group.addTask { await answer(to: ticket) }
      group.addTask {
        try? await runner.clock.sleep(timeout)
        return nil
      }
      // The end of the time withdraws the caller, which is answered in any case.
      for await answer in group {
        group.cancelAll()
        if let answer { return answer }
      }
      preconditionFailure("a caller without an answer")
    }
  }

  /// Cancelled, it withdraws.
  private func answer(to ticket: CallerLine.Ticket) async -> Caller.Answer {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        lanes.call(Caller(ticket, of: runID, continuation), in: lane)
        // The cancellation may have come before there was anybody to withdraw.
        if Task.isCancelled { lanes.end(.withdrawn(ticket), in: lane) }
      }
    } onCancel: {
      lanes.end(.withdrawn(ticket), in: lane)
    }
  }

  private func busy(_ reason: String) -> GatewayError {
    GatewayError(
      .functionBusy, "the function did not run within \(timeout): \(reason)",
      retryAfter: .seconds(1))
  }

  // MARK: Running

  private func run(at place: UInt64, until deadline: Timestamp) async -> DirectRun.End {
    guard !Task.isCancelled else { return .stopped }
    guard let function = runner.catalog.function(functionID, in: trigger.organization) else {
      return .refused(Definition.Key(.function, functionID).notFound)
    }
    let time = deadline - runner.clock.now()
    guard time > .zero else { return .refused(busy("its turn came too late")) }
    // It needs one since it was changed a moment ago.
    guard place != 0 || !function.needsPlaces else {
      return .refused(busy("its definition was changed"))
    }
    return await runner.run(function, trigger, as: runID, at: place, within: time)
  }
}

extension AttemptRunner {
  /// Runs a function for no invocation; who watches `trigger` is told.
  fileprivate func run(
    _ function: Function, _ trigger: Trigger, as id: InvocationID, at place: UInt64,
    within time: Duration
  ) async -> DirectRun.End {
    var run = Invocation()
    run.id = id
    run.functionID = function.functionID
    board.tell(.started(run), of: trigger.triggerID, in: trigger.organization)
    let recorder = AttemptRecorder(of: run, trigger, attempt: 1, clock: clock, board: board)
    var request = AttemptRequest(
      function: function, trigger: trigger, subscriptionID: "", invocationID: run.id, number: 1)
    let start = clock.now()
    request.place = place
    request.deadline = start + time
    let ending = await self.run(request, within: time, recorder)
    guard var result = ending.result(within: time) else { return .stopped }
    result.outcome = result.outcome.bounded
    recorder.write(into: &run, dataType: result.dataType)
    return .ran(result, run.output, time: max(.zero, clock.now() - start))
  }
}

extension DirectRun.End {
  fileprivate var isResult: Bool { if case .ran = self { true } else { false } }

  /// What it says of the function.
  fileprivate var verdict: Circuit.Verdict {
    guard case .ran(let result, _, _) = self else { return .unknown }
    guard case .failed(let error) = result.outcome else { return .works }
    return Circuit.Verdict(error)
  }
}

extension Caller.Obstacle {
  fileprivate var words: String {
    switch self {
    case .place: "no worker had room for it"
    case .concurrency: "as many ran of it as its max_concurrency allows"
    case .gate: "its rate or its circuit breaker lets none start"
    case .permit: "as many functions ran as may at a time"
    }
  }
}
