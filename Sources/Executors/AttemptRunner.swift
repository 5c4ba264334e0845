import EventCore
import Matching

/// Makes one attempt of an invocation, from the lookup of its function to the stored outcome.
struct AttemptRunner: Sendable {
  let store: any EventStore
  let catalog: Catalog
  let runtime: any FunctionRuntime
  let clock: any PoolClock
  let running: RunningAttempts
  let board: WatchBoard
  let retry: StoreRetry
  let deadLetters: DeadLetterMaker
  let subscriptionPause: SubscriptionPause
  let timeouts: AttemptTimeouts

  /// Cancelled, it stops the function and records nothing: the invocation stays in the store as it
  /// is there. Stays on the caller's executor.
  ///
  /// - Parameter cancel: cancels the task it runs in.
  nonisolated(nonsending) func run(
    _ assignment: Assignment, cancel: @escaping @Sendable () -> Void
  ) async -> AttemptEnd {
    guard !Task.isCancelled else { return .nothing }
    let trigger = assignment.trigger
    var invocation = assignment.invocation
    let compiled = catalog.compiled(invocation.subscriptionID, in: trigger.organization)
    let subscription = compiled?.subscription
    if subscription?.isPaused == true { return await park(assignment) }

    let attempt = Attempt(number: (invocation.attempts.last?.number ?? 0) + 1, start: clock.now())
    guard running.insert(attempt, of: invocation) else { return .nothing }
    defer { running.remove(invocation.id) }
    board.tell(
      .started(invocation.running(attempt, keepingResults: false)), of: trigger.triggerID,
      in: trigger.organization)

    let recorder = AttemptRecorder(
      of: invocation, trigger, attempt: attempt.number, clock: clock, board: board)
    let policy = subscription?.delivery ?? DeliveryPolicy()
    let ticket = timeouts.start(policy.attemptTimeout, stop: cancel)
    var result = await self.result(
      of: attempt, of: assignment, compiled, within: policy.attemptTimeout, recorder)
    let isInTime = timeouts.end(ticket)
    if !isInTime {
      result = .timedOut(after: policy.attemptTimeout)
    } else if Task.isCancelled {
      // The pool shuts down, or the invocation was ended.
      return .nothing
    }

    if let reason = result.pauseReason {
      // Before the outcome is stored, so that the retry finds its subscription paused.
      await subscriptionPause.pause(for: invocation, in: trigger.organization, reason)
    }
    recorder.write(into: &invocation, dataType: result.dataType)
    invocation = invocation.after(
      attempt.ended(at: clock.now(), by: result.worker), result.outcome.bounded, policy: policy,
      due: trigger.dueTime, chance: .random(in: 0...1))
    guard isInTime else {
      return await timeouts.afterStop(of: ticket) { [invocation] in
        await record(invocation, of: assignment, policy)
      }
    }
    return await record(invocation, of: assignment, policy)
  }

  /// Returns when nothing of the attempt is left running.
  private nonisolated(nonsending) func result(
    of attempt: Attempt, of assignment: Assignment, _ subscription: CompiledSubscription?,
    within timeout: Duration, _ recorder: AttemptRecorder
  ) async -> AttemptResult {
    let invocation = assignment.invocation
    let organization = assignment.trigger.organization
    guard let function = catalog.function(invocation.functionID, in: organization) else {
      return .noFunction(invocation.functionID)
    }
    if assignment.input?.isTruncated == true { return .truncatedInput }
    let input = assignment.input?.payload ?? assignment.trigger.payload
    let payload = subscription.map { $0.transformed(input, of: assignment.trigger) } ?? input
    guard let payload else { return .untransformed }
    var request = AttemptRequest(
      function: function, trigger: assignment.trigger, subscriptionID: invocation.subscriptionID,
      invocationID: invocation.id, number: attempt.number, payload: payload)
    request.place = assignment.place
    request.deadline = attempt.startTime + timeout
    return await runtime.run(request, into: recorder)
  }
}

extension AttemptResult {
  static func timedOut(after timeout: Duration) -> AttemptResult {
    AttemptResult(
      .failed(
        InvocationError(
          .timeout, code: "ATTEMPT_TIMEOUT",
          message: "the function was stopped after the attempt timeout of \(timeout)")))
  }

  fileprivate static func noFunction(_ id: String) -> AttemptResult {
    AttemptResult(
      .failed(
        InvocationError(
          .system, code: "FUNCTION_NOT_FOUND", message: "there is no function '\(id)'",
          isFinal: true)))
  }

  fileprivate static var untransformed: AttemptResult {
    AttemptResult(
      .failed(
        InvocationError(
          .input, code: "TRANSFORM_TOO_LARGE",
          message: "what the subscription's transform makes of the payload is larger than"
            + " \(Limits.payloadBytesMax) bytes", isFinal: true)))
  }

  fileprivate static var truncatedInput: AttemptResult {
    AttemptResult(
      .failed(
        InvocationError(
          .input, code: "PIPED_OUTPUT_TRUNCATED",
          message: "the output before it was cut off at \(Limits.outputBytesMax) bytes and can't be"
            + " passed on", isFinal: true)))
  }
}

extension Invocation.AttemptOutcome {
  /// With the texts as they are stored.
  var bounded: Self {
    guard case .failed(var error) = self else { return self }
    error.code = error.code.withoutNUL.cut(toBytes: Limits.finalCodeBytesMax)
    error.message = error.message.withoutNUL.cut(toBytes: Limits.errorMessageBytesMax)
    return .failed(error)
  }
}

extension Attempt {
  fileprivate init(number: Int32, start: Timestamp) {
    self.init()
    self.number = number
    startTime = start
  }

  /// Never before its start, should the wall clock have stepped back.
  fileprivate func ended(at time: Timestamp, by worker: String) -> Attempt {
    var ended = self
    ended.worker = worker
    ended.endTime = max(startTime, time)
    return ended
  }
}
