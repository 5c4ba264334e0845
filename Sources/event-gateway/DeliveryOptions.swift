import ArgumentParser
import EventCore

/// A subscription's delivery policy.
struct DeliveryOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How often it is tried.", valueName: "n"))
  var maxAttempts: Int32?

  @Option(help: ArgumentHelp("How long one attempt may take, such as 30s.", valueName: "time"))
  var attemptTimeout: Span?

  @Option(help: ArgumentHelp("How long it is tried, such as 12h.", valueName: "time"))
  var maxAge: Span?

  @Option(help: ArgumentHelp("The wait before the first retry.", valueName: "time"))
  var initialBackoff: Span?

  @Option(help: ArgumentHelp("By which each wait is longer than the last.", valueName: "x"))
  var backoffMultiplier: Double?

  @Option(help: ArgumentHelp("The longest wait.", valueName: "time"))
  var maxBackoff: Span?

  @Option(help: ArgumentHelp("The part of a wait left to chance, 0 to 1.", valueName: "x"))
  var jitter: Double?

  @Option(
    help: ArgumentHelp("The longest wait that a function may ask for.", valueName: "time"))
  var retryAfterMax: Span?

  @Option(
    help: ArgumentHelp(
      "The event to trigger when it fails for good; '' for none.", valueName: "name"))
  var deadLetterEvent: String?

  @Option(
    help: ArgumentHelp(
      "An error that is not tried again, such as HTTP_404; may be repeated.", valueName: "code"))
  var finalCode: [String] = []

  @Option(
    help: ArgumentHelp(
      "A class of errors that are not tried again: input, function, system or timeout; may be"
        + " repeated.", valueName: "class"))
  var finalClass: [InvocationError.Class] = []

  func validate() throws {
    for (name, number) in [("backoff-multiplier", backoffMultiplier), ("jitter", jitter)] {
      if let number, !number.isFinite { throw ValidationError("--\(name) must be a number") }
    }
  }

  func apply(to policy: inout DeliveryPolicy) {
    if let maxAttempts { policy.maxAttempts = maxAttempts }
    if let attemptTimeout { policy.attemptTimeout = attemptTimeout.duration }
    if let maxAge { policy.maxAge = maxAge.duration }
    if let initialBackoff { policy.initialBackoff = initialBackoff.duration }
    if let backoffMultiplier { policy.backoffMultiplier = backoffMultiplier }
    if let maxBackoff { policy.maxBackoff = maxBackoff.duration }
    if let jitter { policy.jitter = jitter }
    if let retryAfterMax { policy.retryAfterMax = retryAfterMax.duration }
    if let deadLetterEvent { policy.deadLetterEvent = deadLetterEvent }
    if !finalCode.isEmpty { policy.finalCodes = finalCode }
    if !finalClass.isEmpty { policy.finalClasses = finalClass }
  }

  var isGiven: Bool {
    let times = [attemptTimeout, maxAge, initialBackoff, maxBackoff, retryAfterMax]
    return maxAttempts != nil || times.contains { $0 != nil } || backoffMultiplier != nil
      || jitter != nil || deadLetterEvent != nil || !finalCode.isEmpty || !finalClass.isEmpty
  }
}
