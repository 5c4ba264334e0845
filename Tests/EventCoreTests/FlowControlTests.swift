import EventCore
import Testing

@Suite struct FlowControlTests {
  @Test func `a key's limit has both parts, within the function's concurrency`() {
    #expect(wrong { $0.concurrencyKey = "/data/id" } == ["flow.max_concurrency_per_key"])
    #expect(wrong { $0.maxConcurrencyPerKey = 1 } == ["flow.concurrency_key"])
    for (max, isRight) in [(-1, false), (1, true), (64, true), (65, false)] as [(Int32, Bool)] {
      let wrong = wrong { ($0.concurrencyKey, $0.maxConcurrencyPerKey) = ("/id", max) }
      #expect(wrong == (isRight ? [] : ["flow.max_concurrency_per_key"]), "\(max)")
    }
    for (bytes, isRight) in [(256, true), (257, false)] {
      let key = "/" + String(repeating: "x", count: bytes - 1)
      let wrong = wrong { ($0.concurrencyKey, $0.maxConcurrencyPerKey) = (key, 1) }
      #expect(wrong == (isRight ? [] : ["flow.concurrency_key"]), "\(bytes)")
    }
  }

  @Test(arguments: [
    (0.00001, true), (0.000009, false), (0.5, true), (100_000, true), (100_000.1, false),
    (-1, false), (.nan, false), (.infinity, false), (-.infinity, false),
  ])
  func `a rate has bounds, and is a number`(rate: Double, isRight: Bool) {
    #expect(wrong { $0.ratePerSecond = rate } == (isRight ? [] : ["flow.rate_per_second"]))
  }

  @Test func `a burst needs a rate, and has bounds`() {
    #expect(wrong { $0.burst = 1 } == ["flow.rate_per_second"])
    for (burst, isRight) in [(-1, false), (0, true), (100_000, true), (100_001, false)]
      as [(Int32, Bool)]
    {
      let wrong = wrong { ($0.ratePerSecond, $0.burst) = (1, burst) }
      #expect(wrong == (isRight ? [] : ["flow.burst"]), "\(burst)")
    }
  }

  @Test func `a circuit breaker's fields have bounds`() {
    func wrong(_ change: (inout CircuitBreaker) -> Void) -> [String] {
      var breaker = CircuitBreaker()
      change(&breaker)
      return self.wrong { $0.circuitBreaker = breaker }
    }
    #expect(wrong { _ in } == [])
    for (failures, isRight) in [(0, false), (1, true), (1_000, true), (1_001, false)]
      as [(Int32, Bool)]
    {
      let field = "flow.circuit_breaker.failure_threshold"
      #expect(wrong { $0.failureThreshold = failures } == (isRight ? [] : [field]))
    }
    for (successes, isRight) in [(-1, false), (1, true), (100, true), (101, false)]
      as [(Int32, Bool)]
    {
      let field = "flow.circuit_breaker.success_threshold"
      #expect(wrong { $0.successThreshold = successes } == (isRight ? [] : [field]))
    }
    for (time, isRight) in [
      (.milliseconds(99), false), (.milliseconds(100), true), (.seconds(86_400), true),
      (.seconds(86_400) + .nanoseconds(1), false), (.seconds(-1), false),
    ] as [(Duration, Bool)] {
      let field = "flow.circuit_breaker.open_duration"
      #expect(wrong { $0.openDuration = time } == (isRight ? [] : [field]))
    }
  }

  @Test func `what has no value is not there`() {
    var flow = FlowControl()
    (flow.concurrencyKey, flow.maxConcurrencyPerKey) = ("/id", 2)
    (flow.ratePerSecond, flow.burst) = (1.5, 3)
    #expect(flow.keyLimit != nil && flow.rate != nil)
    (flow.concurrencyKey, flow.maxConcurrencyPerKey) = ("", 0)
    (flow.ratePerSecond, flow.burst) = (0, 0)
    #expect(flow == FlowControl())
  }

  /// The fields that are wrong in a function with this flow control, after `function.`.
  private func wrong(_ change: (inout FlowControl) -> Void) -> [String] {
    var function = Function()
    function.functionID = "f"
    function.target = .worker(WorkerTarget())
    change(&function.flow)
    return function.check("function").violations.map { String($0.field.dropFirst(9)) }
  }
}
