import EventCore
import Testing

@Suite struct CircuitTests {
  private let start = Timestamp(nanoseconds: 1_000_000_000)

  private func circuit(failures: Int32 = 3, successes: Int32 = 1) -> Circuit {
    var breaker = CircuitBreaker()
    breaker.failureThreshold = failures
    breaker.openDuration = .seconds(10)
    breaker.successThreshold = successes
    return Circuit(breaker, at: start)
  }

  private func id(_ number: Int) -> InvocationID {
    InvocationID(triggerID: UniqueID(high: 0, low: UInt64(number)), ordinal: 0)
  }

  @Test func `failures in a row open it, and the reason says how many and which`() {
    var circuit = circuit()
    #expect(circuit.state.state == .closed && circuit.state.reason == "")
    #expect(circuit.state.changeTime == start)
    for number in 1...3 {
      #expect(circuit.asked(at: start) == .mayBegin)
      let hasBegun = circuit.began(id(number), at: start)
      #expect(!hasBegun)
      let hasChanged = circuit.ended(id(number), .fails("HTTP_503, busy"), at: start + .seconds(1))
      #expect(hasChanged == (number == 3))
    }
    #expect(circuit.state.state == .open)
    #expect(circuit.state.reason == "3 attempts in a row failed: HTTP_503, busy")
    #expect(circuit.state.changeTime == start + .seconds(1))
    #expect(circuit.asked(at: start + .seconds(1)) == .waits(until: start + .seconds(11)))
    #expect(
      circuit.asked(at: start + .seconds(11) + .nanoseconds(-1))
        == .waits(until: start + .seconds(11)))
  }

  @Test func `a success in between begins the row anew, an end that says nothing does not`() {
    for (verdict, state) in [
      (Circuit.Verdict.works, CircuitState.State.closed), (.unknown, .open),
    ] {
      var circuit = circuit()
      run(&circuit, .fails("a"), .fails("b"), verdict, .fails("c"))
      #expect(circuit.state.state == state)
    }
  }

  @Test func `after its time one attempt is let through, and closes it if it succeeds`() {
    var circuit = opened()
    let now = start + .seconds(10)
    #expect(circuit.asked(at: now) == .mayBegin)
    // It stays open until the attempt begins.
    #expect(circuit.state.state == .open)
    let hasBegun = circuit.began(id(7), at: now)
    #expect(hasBegun)
    #expect(circuit.state.state == .halfOpen && circuit.state.changeTime == now)
    #expect(circuit.asked(at: now + .seconds(3_600)) == .waitsForTrial)
    let hasChanged = circuit.ended(id(7), .works, at: now + .seconds(1))
    #expect(hasChanged)
    #expect(circuit.state.state == .closed)
    #expect(circuit.asked(at: now) == .mayBegin)
  }

  @Test func `it opens again if the attempt that was let through fails`() {
    var circuit = opened()
    _ = circuit.began(id(7), at: start + .seconds(12))
    let hasChanged = circuit.ended(id(7), .fails("EXIT_1, no"), at: start + .seconds(13))
    #expect(hasChanged)
    #expect(circuit.state.state == .open)
    #expect(circuit.state.reason == "what was let through failed: EXIT_1, no")
    #expect(circuit.asked(at: start + .seconds(13)) == .waits(until: start + .seconds(23)))
  }

  @Test func `an attempt that says nothing is followed by another`() {
    var circuit = opened()
    _ = circuit.began(id(7), at: start + .seconds(12))
    let hasChanged = circuit.ended(id(7), .unknown, at: start + .seconds(12))
    #expect(!hasChanged)
    #expect(circuit.state.state == .halfOpen)
    #expect(circuit.asked(at: start + .seconds(12)) == .mayBegin)
  }

  @Test func `as many must succeed in a row as it says, one at a time`() {
    var circuit = opened(failures: 3, successes: 2)
    let now = start + .seconds(10)
    _ = circuit.began(id(1), at: now)
    let first = circuit.ended(id(1), .works, at: now)
    #expect(!first && circuit.state.state == .halfOpen)
    _ = circuit.began(id(2), at: now)
    #expect(circuit.asked(at: now) == .waitsForTrial)
    let second = circuit.ended(id(2), .works, at: now)
    #expect(second && circuit.state.state == .closed)
    // What succeeded counts for nothing any more.
    run(&circuit, .fails("a"), .fails("b"))
    #expect(circuit.state.state == .closed)
  }

  @Test func `what began before it opened says nothing after that`() {
    var circuit = circuit(failures: 1)
    _ = circuit.began(id(1), at: start)
    _ = circuit.began(id(2), at: start)
    _ = circuit.began(id(3), at: start)
    _ = circuit.ended(id(1), .fails("x"), at: start)
    let whileOpen = circuit.ended(id(2), .fails("y"), at: start + .seconds(5))
    #expect(!whileOpen && circuit.state.changeTime == start)
    _ = circuit.began(id(4), at: start + .seconds(10))
    let whileTried = circuit.ended(id(3), .works, at: start + .seconds(11))
    #expect(!whileTried && circuit.state.state == .halfOpen)
    #expect(circuit.asked(at: start + .seconds(11)) == .waitsForTrial)
  }

  @Test func `a clock that is set back keeps it open for no longer than once more`() {
    var circuit = opened()
    let back = start + .seconds(-3_600)
    let answer = circuit.answer(at: back)
    #expect(answer == .waits(until: back + .seconds(10)))
    #expect(circuit.asked(at: back + .seconds(10)) == .mayBegin)
  }

  @Test(arguments: [
    (InvocationError.Class.input, false), (.cancelled, false), (.function, true), (.system, true),
    (.timeout, true),
  ])
  func `only errors that are the function's count`(errorClass: InvocationError.Class, counts: Bool)
  {
    let error = InvocationError(errorClass, code: "CODE", message: "why")
    #expect(Circuit.Verdict(error) == (counts ? .fails("CODE, why") : .unknown))
    #expect(Circuit.Verdict(nil) == .works)
  }

  @Test func `a reason is cut to what is shown`() {
    var circuit = circuit(failures: 1)
    run(&circuit, .fails(String(repeating: "x", count: 3_000)))
    #expect(circuit.state.reason.utf8.count == 512)
  }

  private func opened(failures: Int32 = 1, successes: Int32 = 1) -> Circuit {
    var circuit = circuit(failures: failures, successes: successes)
    for _ in 0..<failures { run(&circuit, .fails("x")) }
    return circuit
  }

  private func run(_ circuit: inout Circuit, _ verdicts: Circuit.Verdict...) {
    for (number, verdict) in verdicts.enumerated() {
      _ = circuit.began(id(number), at: start)
      _ = circuit.ended(id(number), verdict, at: start)
    }
  }
}

extension Circuit {
  /// The answer, for expectations, which take no mutating calls.
  fileprivate func asked(at now: Timestamp) -> Answer {
    var copy = self
    return copy.answer(at: now)
  }
}
