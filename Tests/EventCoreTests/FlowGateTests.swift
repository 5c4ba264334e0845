import EventCore
import Testing

@Suite struct FlowGateTests {
  private let start = Timestamp(nanoseconds: 1_000_000_000)
  private let id = InvocationID(triggerID: UniqueID(high: 0, low: 1), ordinal: 0)

  private var function: Function {
    var function = Function()
    function.functionID = "f"
    function.target = .worker(WorkerTarget())
    function.flow.ratePerSecond = 1
    function.flow.circuitBreaker = CircuitBreaker()
    function.flow.circuitBreaker!.failureThreshold = 1
    return function
  }

  /// One that has used up its rate, and is open.
  private func closed() -> FlowGate {
    var gate = FlowGate()
    gate.adopt(function, at: start)
    #expect(gate.asked(at: start) == .open)
    let change = [gate.began(id, at: start), gate.ended(id, .fails("x"), at: start)]
    #expect(change.map { $0?.state } == [nil, .open])
    return gate
  }

  @Test func `without a rate and a breaker it is open`() {
    var gate = FlowGate()
    #expect(gate.asked(at: start) == .open)
    var plain = Function()
    plain.functionID = "f"
    gate.adopt(plain, at: start)
    let change = [gate.began(id, at: start), gate.ended(id, .fails("x"), at: start)]
    #expect(change == [nil, nil])
    #expect(gate.asked(at: start) == .open)
    #expect(gate.circuit == nil)
  }

  @Test func `the circuit is asked before the rate`() {
    var gate = closed()
    #expect(gate.asked(at: start) == .closed(until: start + .seconds(30)))
    let trial = gate.began(id, at: start + .seconds(30))
    #expect(trial?.state == .halfOpen)
    #expect(gate.asked(at: start + .seconds(60)) == .closed(until: nil))
    let success = gate.ended(id, .works, at: start + .seconds(30))
    #expect(success?.state == .closed)
    guard case .closed(until: .some) = gate.asked(at: start + .seconds(30)) else {
      Issue.record("the rate lets it through")
      return
    }
  }

  @Test func `another rate, breaker or target begins anew, other changes change nothing`() {
    let changes: [((inout Function) -> Void, isRateKept: Bool, isCircuitKept: Bool)] = [
      ({ $0.metadata = ["a": "b"] }, true, true),
      ({ $0.flow.maxConcurrency = 1 }, true, true),
      ({ $0.flow.burst = 2 }, false, true),
      ({ $0.flow.circuitBreaker!.successThreshold = 2 }, true, false),
      ({ $0.target = .process(ProcessTarget()) }, true, false),
    ]
    for (change, isRateKept, isCircuitKept) in changes {
      var gate = closed()
      var changed = function
      change(&changed)
      gate.adopt(changed, at: start + .milliseconds(1))
      #expect(gate.circuit?.state == (isCircuitKept ? .open : .closed))
      if !isCircuitKept { #expect(gate.circuit?.changeTime == start + .milliseconds(1)) }
      changed.flow.circuitBreaker = nil
      gate.adopt(changed, at: start)
      #expect(gate.circuit == nil)
      #expect((gate.asked(at: start) == .open) == !isRateKept)
    }
  }
}

extension FlowGate {
  /// The answer, for expectations, which take no mutating calls.
  fileprivate func asked(at now: Timestamp) -> Answer {
    var copy = self
    return copy.answer(at: now)
  }
}
