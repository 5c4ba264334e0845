/// How much of a function may run.
package struct FlowControl: Hashable, Codable, Sendable {
  /// Invocations at a time.
  package var maxConcurrency: Int32 = 64
  /// Of those with the same key; nil: as many as of all.
  package var keyLimit: KeyLimit?
  /// Nil: as fast as may be.
  package var rate: RateLimit?
  /// Nil: failures stop nothing.
  package var circuitBreaker: CircuitBreaker?

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.range(
      maxConcurrency, 1...Int32(Limits.concurrencyPerFunctionMax), "\(path).max_concurrency")
    keyLimit?.check(&check, path, among: maxConcurrency)
    rate?.check(&check, path)
    circuitBreaker?.check(&check, "\(path).circuit_breaker")
  }
}

/// How many may run at a time that have the same value somewhere in their trigger.
package struct KeyLimit: Hashable, Codable, Sendable {
  /// A JSON pointer into the trigger as a CloudEvent in JSON format. What has no value there counts
  /// for no key.
  package var pointer = ""
  package var max: Int32 = 0

  package init() {}

  fileprivate func check(_ check: inout FieldCheck, _ path: String, among all: Int32) {
    check.size(
      pointer.utf8.count, atMost: Limits.concurrencyKeyBytesMax, "\(path).concurrency_key")
    if pointer.isEmpty {
      check.add("\(path).concurrency_key", "is required with max_concurrency_per_key")
    }
    if max == 0 {
      check.add("\(path).max_concurrency_per_key", "is required with concurrency_key")
    } else {
      // `all` may be out of range itself.
      check.range(max, 1...Swift.max(1, all), "\(path).max_concurrency_per_key")
    }
  }
}

/// How many attempts may start per second.
package struct RateLimit: Hashable, Codable, Sendable {
  package var perSecond = 0.0
  /// At once after a pause; 0 for one second's.
  package var burst: Int32 = 0

  package init() {}

  fileprivate func check(_ check: inout FieldCheck, _ path: String) {
    if perSecond == 0 {
      check.add("\(path).rate_per_second", "is required with burst")
    } else {
      // A range has no place for NaN, and so refuses it.
      check.range(perSecond, Limits.rateRange, "\(path).rate_per_second")
    }
    check.range(burst, 0...Limits.burstMax, "\(path).burst")
  }
}

/// When to stop calling a function that fails (see `Circuit`).
package struct CircuitBreaker: Hashable, Codable, Sendable {
  /// Failures in a row that open it.
  package var failureThreshold: Int32 = 5
  /// How long it stays open before one attempt is let through.
  package var openDuration = Duration.seconds(30)
  /// Attempts in a row that must succeed, one at a time, before it closes.
  package var successThreshold: Int32 = 1

  package init() {}

  fileprivate func check(_ check: inout FieldCheck, _ path: String) {
    check.range(
      failureThreshold, 1...Limits.circuitFailuresMax, "\(path).failure_threshold")
    check.range(openDuration, Limits.circuitOpenTime, "\(path).open_duration")
    check.range(
      successThreshold, 1...Limits.circuitSuccessesMax, "\(path).success_threshold")
  }
}

// MARK: As the contract has them

extension FlowControl {
  package var concurrencyKey: String {
    get { keyLimit?.pointer ?? "" }
    set { change(&keyLimit, KeyLimit()) { $0.pointer = newValue } }
  }

  package var maxConcurrencyPerKey: Int32 {
    get { keyLimit?.max ?? 0 }
    set { change(&keyLimit, KeyLimit()) { $0.max = newValue } }
  }

  package var ratePerSecond: Double {
    get { rate?.perSecond ?? 0 }
    set { change(&rate, RateLimit()) { $0.perSecond = newValue } }
  }

  package var burst: Int32 {
    get { rate?.burst ?? 0 }
    set { change(&rate, RateLimit()) { $0.burst = newValue } }
  }

  /// What is left without any value is not there.
  private func change<Part: Equatable>(
    _ part: inout Part?, _ empty: Part, _ body: (inout Part) -> Void
  ) {
    var changed = part ?? empty
    body(&changed)
    part = changed == empty ? nil : changed
  }
}
