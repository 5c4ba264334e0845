/// Whether a function is called, or left alone for a while because it fails.
///
/// ```
///            failures in a row ≥ failure_threshold
///   CLOSED ─────────────────────────────────────────▶ OPEN ◀───────────┐
///     ▲                                                │               │
///     │                        an attempt begins after │               │ it fails
///     │                                 open_duration  ▼               │
///     └──────────────────────────────────────────── HALF_OPEN ─────────┘
///        successes in a row ≥ success_threshold     one attempt at a time
/// ```
/// Only attempts that began in the present state count: what began before the circuit opened says
/// nothing of the function after that.
package struct Circuit: Sendable {
  package let breaker: CircuitBreaker
  package private(set) var state = CircuitState()
  /// In a row: failures while it is closed, successes while it is half open.
  private var count: Int32 = 0
  /// Those that began in the present state. As many as run of the function.
  private var counted: Set<InvocationID> = []

  package init(_ breaker: CircuitBreaker, at now: Timestamp) {
    self.breaker = breaker
    state.changeTime = now
  }

  package enum Answer: Hashable, Sendable {
    case mayBegin
    case waits(until: Timestamp)
    /// Until the one that runs has ended.
    case waitsForTrial
  }

  package mutating func answer(at now: Timestamp) -> Answer {
    switch state.state {
    case .closed: return .mayBegin
    case .halfOpen: return counted.isEmpty ? .mayBegin : .waitsForTrial
    case .open:
      // A clock that was set back must not keep it open for longer than once more.
      state.changeTime = min(state.changeTime, now)
      let end = state.changeTime + breaker.openDuration
      return end <= now ? .mayBegin : .waits(until: end)
    }
  }

  /// An attempt begins, which `answer` allowed.
  ///
  /// - Returns: whether the state changed.
  package mutating func began(_ id: InvocationID, at now: Timestamp) -> Bool {
    let isTrial = state.state == .open
    if isTrial { change(to: .halfOpen, "one attempt at a time is let through", at: now) }
    counted.insert(id)
    return isTrial
  }

  /// An attempt ended.
  ///
  /// - Returns: whether the state changed.
  package mutating func ended(
    _ id: InvocationID, _ verdict: Verdict, at now: Timestamp
  ) -> Bool {
    guard counted.remove(id) != nil else { return false }
    switch (state.state, verdict) {
    case (_, .unknown): return false
    case (.closed, .works):
      count = 0
      return false
    case (.closed, .fails(let why)):
      count += 1
      guard count >= breaker.failureThreshold else { return false }
      let times = count == 1 ? "an attempt failed" : "\(count) attempts in a row failed"
      change(to: .open, "\(times): \(why)", at: now)
    case (.halfOpen, .works):
      count += 1
      guard count >= breaker.successThreshold else { return false }
      change(to: .closed, "what was let through succeeded", at: now)
    case (.halfOpen, .fails(let why)):
      change(to: .open, "what was let through failed: \(why)", at: now)
    case (.open, _): preconditionFailure("nothing that counts runs while it is open")
    }
    return true
  }

  private mutating func change(to next: CircuitState.State, _ reason: String, at now: Timestamp) {
    state = CircuitState(
      state: next, reason: reason.cut(toBytes: Limits.stateReasonBytesMax), changeTime: now)
    count = 0
    counted = []
  }

  /// What an attempt's end says of the function.
  package enum Verdict: Hashable, Sendable {
    case works
    case fails(String)
    /// Nothing: it refused the payload, was stopped, or never ran.
    case unknown

    /// - Parameter error: of the attempt; nil if it succeeded.
    package init(_ error: InvocationError?) {
      switch error?.errorClass {
      case nil: self = .works
      case .input, .cancelled: self = .unknown
      case .function, .system, .timeout: self = .fails("\(error!.code), \(error!.message)")
      }
    }
  }
}

/// What is told of a circuit.
package struct CircuitState: Hashable, Sendable {
  package var state = State.closed
  /// Why; empty as long as it has not changed.
  package var reason = ""
  package var changeTime = Timestamp(nanoseconds: 0)

  package init() {}

  fileprivate init(state: State, reason: String, changeTime: Timestamp) {
    self.state = state
    self.reason = reason
    self.changeTime = changeTime
  }

  package enum State: Int32, Sendable {
    case closed = 1
    case open, halfOpen
  }
}
