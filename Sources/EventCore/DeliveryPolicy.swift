/// How often and how long an invocation of a subscription is tried.
package struct DeliveryPolicy: Hashable, Codable, Sendable {
  /// One attempt's time, from its start to its outcome.
  package var attemptTimeout = Duration.seconds(30)
  /// The first attempt counts.
  package var maxAttempts: Int32 = 5
  /// From the trigger's acceptance; a retry that would start later is not made.
  package var maxAge = Duration.seconds(86_400)
  package var initialBackoff = Duration.seconds(1)
  package var backoffMultiplier = 2.0
  package var maxBackoff = Duration.seconds(300)
  /// The part of a backoff that is left to chance: 0.2 spreads it from 80 % to 100 %.
  package var jitter = 0.2

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
