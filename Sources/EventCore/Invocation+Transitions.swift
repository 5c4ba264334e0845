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
  ///   - accepted: when the trigger was accepted, for the policy's maximum age.
  ///   - chance: from 0 to 1, for the backoff's jitter.
  package func after(
    _ attempt: Attempt, _ outcome: AttemptOutcome, policy: DeliveryPolicy, accepted: Timestamp,
    chance: Double
  ) -> Invocation {
    precondition(!state.isTerminal, "an attempt of a finished invocation")
    var next = self
    var attempt = attempt
    next.nextAttemptTime = nil
    switch outcome {
    case .succeeded:
      next.state = .succeeded
      next.error = nil
    case .failed(let error):
      attempt.error = error
      next.error = error
      next.nextAttemptTime = Self.retryTime(
        after: attempt, error, policy: policy, accepted: accepted, chance: chance)
      next.state = next.nextAttemptTime != nil ? .retrying : error.finalState
    }
    next.attempts.append(attempt)
    return next
  }

  /// Nil when no retry is to be made.
  private static func retryTime(
    after attempt: Attempt, _ error: InvocationError, policy: DeliveryPolicy, accepted: Timestamp,
    chance: Double
  ) -> Timestamp? {
    guard !error.isFinal, error.errorClass != .cancelled, attempt.number < policy.maxAttempts
    else { return nil }
    let backoff = policy.backoff(afterAttempt: Int(attempt.number), chance: chance)
    let wait = max(backoff, min(error.retryAfter ?? .zero, policy.maxBackoff))
    let next = (attempt.endTime ?? attempt.startTime) + wait
    return next <= accepted + policy.maxAge ? next : nil
  }
}

extension InvocationError {
  fileprivate var finalState: Invocation.State { errorClass == .cancelled ? .cancelled : .failed }
}
