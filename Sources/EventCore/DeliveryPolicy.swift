/// How often and how long an invocation of a subscription is tried.
package struct DeliveryPolicy: Hashable, Codable, Sendable {
  /// One attempt's time, from its start to its outcome.
  package var attemptTimeout = Duration.seconds(30)
  /// The first attempt counts.
  package var maxAttempts: Int32 = 5
  /// From when the trigger is due (accepted, or put off until); a retry that would start later is not made.
  package var maxAge = Duration.seconds(86_400)
  package var initialBackoff = Duration.seconds(1)
  package var backoffMultiplier = 2.0
  package var maxBackoff = Duration.seconds(300)
  /// The part of a backoff that is left to chance: 0.2 spreads it from 80 % to 100 %.
  package var jitter = 0.2
  /// The longest wait that a function may ask for, as by HTTP's Retry-After.
  package var retryAfterMax = Duration.seconds(3_600)
  /// The event to trigger when an invocation fails for good; empty for none.
  package var deadLetterEvent = ""
  /// Error codes (`HTTP_404`, `EXIT_2`) that are final for this subscription, besides those that are
  /// for everyone.
  package var finalCodes: [String] = []
  package var finalClasses: [InvocationError.Class] = []

  package init() {}

  package func check(_ check: inout FieldCheck, _ path: String) {
    let oneMillisecond = Duration.milliseconds(1)
    check.range(
      attemptTimeout, oneMillisecond...Limits.attemptTimeoutMax, "\(path).attempt_timeout")
    check.range(maxAttempts, 1...Int32(Limits.attemptsMax), "\(path).max_attempts")
    check.range(maxAge, oneMillisecond...Limits.ageMax, "\(path).max_age")
    check.range(initialBackoff, oneMillisecond...Limits.backoffMax, "\(path).initial_backoff")
    check.range(maxBackoff, oneMillisecond...Limits.backoffMax, "\(path).max_backoff")
    check.range(backoffMultiplier, 1...10, "\(path).backoff_multiplier")
    check.range(jitter, 0...1, "\(path).jitter")
    check.range(retryAfterMax, oneMillisecond...Limits.ageMax, "\(path).retry_after_max")
    if !deadLetterEvent.isEmpty {
      check.name(deadLetterEvent, .event, "\(path).dead_letter_event")
    }
    checkFinals(&check, path)
  }

  private func checkFinals(_ check: inout FieldCheck, _ path: String) {
    if finalCodes.count > Limits.finalCodesMax {
      check.add("\(path).final_codes", "has more than \(Limits.finalCodesMax) entries")
    }
    for (index, code) in finalCodes.enumerated() {
      check.text(code, atMost: Limits.finalCodeBytesMax, "\(path).final_codes[\(index)]")
      if code.isEmpty { check.add("\(path).final_codes[\(index)]", "must not be empty") }
    }
    if Set(finalClasses).count < finalClasses.count {
      check.add("\(path).final_classes", "names a class twice")
    }
  }

  /// Whether no retry is made after this error.
  package func isFinal(_ error: InvocationError) -> Bool {
    error.isFinal || error.errorClass == .cancelled || finalCodes.contains(error.code)
      || finalClasses.contains(error.errorClass)
  }

  /// The wait after attempt number `attempt` (from 1) failed.
  ///
  /// - Parameter chance: from 0 to 1; the caller draws it, so that a test can replay it.
  package func backoff(afterAttempt attempt: Int, chance: Double) -> Duration {
    var wait = initialBackoff
    for _ in 1..<max(1, attempt) where wait < maxBackoff { wait = wait * backoffMultiplier }
    return min(wait, maxBackoff) * (1 - jitter * chance)
  }
}
