/// What a function's rate and circuit breaker say to starting an attempt now. A value: it is asked
/// before each start, and told of every start and end.
///
/// How many run at a time is not its matter: the lane counts those itself.
package struct FlowGate: Sendable {
  private var bucket: TokenBucket?
  private var breaker: Circuit?
  private var target: Function.Target?

  package init() {}

  /// What is known stays as long as what it is known of: tokens with the rate, the circuit with the
  /// breaker's settings and the function's target.
  package mutating func adopt(_ function: Function, at now: Timestamp) {
    if bucket?.limit != function.flow.rate { bucket = function.flow.rate.map(TokenBucket.init) }
    if breaker?.breaker != function.flow.circuitBreaker || target != function.target {
      breaker = function.flow.circuitBreaker.map { Circuit($0, at: now) }
    }
    target = function.target
  }

  /// Nil without a breaker.
  package var circuit: CircuitState? { breaker?.state }

  package enum Answer: Hashable, Sendable {
    case open
    /// Closed until then; nil: until an attempt has ended.
    case closed(until: Timestamp?)
  }

  package mutating func answer(at now: Timestamp) -> Answer {
    switch breaker?.answer(at: now) {
    case .waits(let end): return .closed(until: end)
    case .waitsForTrial: return .closed(until: nil)
    case .mayBegin, nil: break
    }
    return bucket?.waitEnd(at: now).map { .closed(until: $0) } ?? .open
  }

  /// An attempt begins, which `answer` allowed.
  ///
  /// - Returns: the circuit's state if that changed it.
  package mutating func began(_ id: InvocationID, at now: Timestamp) -> CircuitState? {
    bucket?.take(at: now)
    return breaker?.began(id, at: now) == true ? circuit : nil
  }

  /// An attempt ended.
  ///
  /// - Returns: the circuit's state if that changed it.
  package mutating func ended(
    _ id: InvocationID, _ verdict: Circuit.Verdict, at now: Timestamp
  ) -> CircuitState? {
    breaker?.ended(id, verdict, at: now) == true ? circuit : nil
  }
}
