extension Invocation {
  /// What an attempt ended with.
  package enum AttemptOutcome: Hashable, Sendable {
    case succeeded
    case failed(InvocationError)
  }

  /// The invocation after an attempt: finished, or due again after the policy's backoff.
  ///
  /// - Parameters:
  ///   - attempt: the one that ended; its `endTime` is set.
  ///   - due: the trigger's `dueTime`, for the policy's maximum age.
  ///   - chance: from 0 to 1, for the backoff's jitter.
  package func after(
    _ attempt: Attempt, _ outcome: AttemptOutcome, policy: DeliveryPolicy, due: Timestamp,
    chance: Double
  ) -> Invocation {
    precondition(!state.isTerminal, "an attempt of a finished invocation")
    var next = self
    next.revision += 1
    var attempt = attempt
    next.nextAttemptTime = nil
    switch outcome {
    case .succeeded:
      next.state = .succeeded
      next.error = nil
    case .failed(let error):
      attempt.error = error
      next.error = error
      next.nextAttemptTime = retryTime(
        after: attempt, error, policy: policy, due: due, chance: chance)
      next.state = next.nextAttemptTime != nil ? .retrying : error.finalState
    }
    next.attempts.append(attempt)
    return next
  }

  /// Nil when no retry is to be made.
  private func retryTime(
    after attempt: Attempt, _ error: InvocationError, policy: DeliveryPolicy, due: Timestamp,
    chance: Double
  ) -> Timestamp? {
    let count = attempt.number - (redrive?.attempts ?? 0)
    guard !policy.isFinal(error), count < policy.maxAttempts else { return nil }
    let backoff = policy.backoff(afterAttempt: Int(count), chance: chance)
    let wait = max(backoff, min(error.retryAfter ?? .zero, policy.retryAfterMax))
    let next = (attempt.endTime ?? attempt.startTime) + wait
    return next <= (redrive?.time ?? due) + policy.maxAge ? next : nil
  }

  /// Finished without an attempt of its own: by its group, or by somebody who cancelled it.
  ///
  /// - Parameter attempt: the one that runs and is stopped; nil if none does.
  package func ended(
    _ state: State, _ error: InvocationError?, at now: Timestamp, stopping attempt: Attempt?
  ) -> Invocation {
    precondition(!self.state.isTerminal && state.isTerminal, "\(self.state) to \(state)")
    var next = self
    next.revision += 1
    next.state = state
    next.error = error
    next.nextAttemptTime = nil
    next.holds = []
    if var attempt {
      attempt.endTime = max(attempt.startTime, now)
      attempt.error = error
      next.attempts.append(attempt)
    }
    return next
  }

  /// Taken up again after it finished without success: due now, with all its attempts to come.
  package func redriven(at now: Timestamp) -> Invocation {
    precondition(state.isTerminal && state != .succeeded, "a redrive of what is \(state)")
    var next = self
    next.revision += 1
    next.state = .pending
    next.nextAttemptTime = now
    next.redrive = Redrive(at: now, after: attempts.last?.number ?? 0)
    return next
  }
}

extension InvocationError {
  fileprivate var finalState: Invocation.State { errorClass == .cancelled ? .cancelled : .failed }

  package static let skippedByGroup = InvocationError(
    .cancelled, code: "GROUP_SKIPPED", message: "the group's strategy did not need it",
    isFinal: true)
  package static let cancelledByGroup = InvocationError(
    .cancelled, code: "GROUP_CANCELLED", message: "the group's strategy ended it", isFinal: true)
  package static let groupTimeout = InvocationError(
    .timeout, code: "GROUP_TIMEOUT", message: "the group's timeout passed", isFinal: true)
}
