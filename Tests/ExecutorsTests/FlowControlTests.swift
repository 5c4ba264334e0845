import EventCore
import Matching
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct FlowControlTests {
  // MARK: Rate

  @Test func `what the rate does not allow waits for its time, without an attempt or a permit`()
    async throws
  {
    let fixture = PoolFixture(functions: [:])
    fixture.defineFlow("f") { ($0.ratePerSecond, $0.burst) = (4, 2) }
    for _ in 0..<5 { fixture.submit("f") }
    await fixture.clock.someoneSleeps(
      for: .milliseconds(250)...(.milliseconds(250) + .nanoseconds(9)))
    #expect(fixture.starts(of: "f") == 2)
    await fixture.store.until { $0.count { $0.state == .succeeded } == 2 }
    #expect(fixture.pool.load.runningAttempts == 0)
    #expect(fixture.pool.load.waitingLanes == 0)
    fixture.clock.advance(by: .milliseconds(250) + .nanoseconds(9))
    await fixture.store.until { $0.count { $0.state == .succeeded } == 3 }
    #expect(fixture.starts(of: "f") == 3)
    // Two at once after a pause, and no more.
    fixture.clock.advance(by: .seconds(9))
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 5)
    let attempts = fixture.store.contents.read(\.model).invocations.map(\.attempts)
    #expect(attempts.allSatisfy { $0.count == 1 && $0[0].startTime == $0[0].endTime })
  }

  @Test func `a lane that has gone does not forget what its rate has given`() async {
    let fixture = PoolFixture(functions: [:])
    fixture.defineFlow("f") { ($0.ratePerSecond, $0.burst) = (1, 1) }
    fixture.submit("f")
    await fixture.allFinished()
    await eventually { fixture.pool.load.lanes == 0 }
    fixture.submit("f")
    await fixture.clock.someoneSleeps(for: .seconds(1)...(.seconds(1) + .nanoseconds(9)))
    #expect(fixture.starts(of: "f") == 1)
    fixture.clock.advance(by: .seconds(2))
    await fixture.allFinished()
  }

  @Test func `a higher rate is in force at once`() async {
    let fixture = PoolFixture(functions: [:])
    fixture.defineFlow("f") { ($0.ratePerSecond, $0.burst) = (0.001, 1) }
    for _ in 0..<3 { fixture.submit("f") }
    await fixture.runtime.counts.until { $0.started.count == 1 }
    fixture.defineFlow("f") { $0.ratePerSecond = 100 }
    fixture.pool.flowChanged(in: Lane(.default, "f"))
    await fixture.allFinished()
  }

  @Test func `a lane that waits for long leaves what it has to the store`() async {
    let fixture = PoolFixture(functions: [:])
    fixture.defineFlow("f") { ($0.ratePerSecond, $0.burst) = (0.5, 1) }
    for _ in 0..<5 { fixture.submit("f", data: [1, 2, 3]) }
    await fixture.clock.someoneSleeps(for: .seconds(2)...(.seconds(2) + .nanoseconds(9)))
    #expect(fixture.pool.load.queuedBytes == 0)
    for _ in 0..<5 {
      let count = fixture.starts(of: "f")
      fixture.clock.advance(by: .seconds(3))
      await fixture.runtime.counts.until { $0.started.count > count || $0.started.count == 5 }
    }
    await fixture.allFinished()
  }

  // MARK: Circuit

  @Test func `an open circuit makes due retries wait, and costs them no attempt`() async throws {
    let isBroken = Observed(true)
    let fixture = PoolFixture(functions: [:]) { _, _ in
      isBroken.value ? .failed("HTTP_503") : AttemptResult(.succeeded)
    }
    fixture.defineFlow("f") { $0.circuitBreaker = .after(3, openFor: .seconds(60)) }
    var delivery = DeliveryPolicy()
    (delivery.jitter, delivery.initialBackoff) = (0, .seconds(1))
    fixture.subscribe("s-f", "f", delivery)
    let ids = (0..<4).map { _ in fixture.submit("f") }
    await fixture.store.until { $0.count { $0.state == .retrying } >= 3 }
    await eventually { fixture.circuit("f")?.state == .open }
    await fixture.clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
    let before = fixture.starts(of: "f")
    // All that failed are due again.
    fixture.clock.advance(by: .seconds(1))
    await fixture.clock.someoneSleeps(for: .seconds(59)...(.seconds(59)))
    fixture.clock.advance(by: .seconds(58))
    await fixture.clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
    #expect(fixture.starts(of: "f") == before)
    #expect(fixture.pool.load.runningAttempts == 0)
    isBroken.update { $0 = false }
    fixture.clock.advance(by: .seconds(1))
    await fixture.allFinished()
    #expect(fixture.circuit("f")?.state == .closed)
    let attempts = ids.map { fixture.store[$0]!.attempts.count }
    #expect(attempts.allSatisfy { $0 <= 2 })
    #expect(ids.allSatisfy { fixture.store[$0]!.state == .succeeded })
  }

  @Test func `a half-open circuit lets one attempt through at a time`() async {
    let isBroken = Observed(true)
    let gate = Observed(false)
    let fixture = PoolFixture(functions: [:]) { _, _ in
      if isBroken.value { return .failed("EXIT_1") }
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.defineFlow("f") {
      $0.circuitBreaker = .after(1, openFor: .seconds(10))
      $0.circuitBreaker!.successThreshold = 2
    }
    var delivery = DeliveryPolicy()
    (delivery.jitter, delivery.initialBackoff) = (0, .seconds(1))
    fixture.subscribe("s-f", "f", delivery)
    fixture.submit("f")
    await eventually { fixture.circuit("f")?.state == .open }
    for _ in 0..<9 { fixture.submit("f") }
    await fixture.clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
    fixture.clock.advance(by: .seconds(1))
    await fixture.clock.someoneSleeps(for: .seconds(9)...(.seconds(9)))
    isBroken.update { $0 = false }
    fixture.clock.advance(by: .seconds(9))
    await fixture.runtime.counts.until { $0.total == 1 }
    #expect(fixture.circuit("f")?.state == .halfOpen)
    await eventually { fixture.pool.load.waitingLanes == 0 && fixture.pool.load.queuedBytes == 0 }
    #expect(fixture.runtime.counts.value.total == 1)
    gate.open()
    await fixture.allFinished()
    #expect(fixture.circuit("f")?.state == .closed)
    #expect(fixture.starts(of: "f") == 11)
  }

  @Test func `errors of the payload do not open a circuit`() async {
    let fixture = PoolFixture(functions: [:]) { _, _ in
      AttemptResult(.failed(InvocationError(.input, code: "BAD", message: "no", isFinal: true)))
    }
    fixture.defineFlow("f") { $0.circuitBreaker = .after(1, openFor: .seconds(60)) }
    for _ in 0..<9 { fixture.submit("f") }
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 9)
    #expect(fixture.circuit("f")?.state == .closed)
  }

  @Test func `a changed breaker lets at once through what waited`() async {
    let fixture = PoolFixture(functions: [:]) { request, _ in
      request.number == 1 ? .failed("EXIT_1") : AttemptResult(.succeeded)
    }
    fixture.defineFlow("f") { $0.circuitBreaker = .after(1, openFor: .seconds(86_400)) }
    var delivery = DeliveryPolicy()
    (delivery.jitter, delivery.initialBackoff) = (0, .seconds(1))
    fixture.subscribe("s-f", "f", delivery)
    fixture.submit("f")
    await eventually { fixture.circuit("f")?.state == .open }
    fixture.clock.advance(by: .seconds(5))
    fixture.defineFlow("f") { $0.circuitBreaker = nil }
    fixture.pool.flowChanged(in: Lane(.default, "f"))
    await fixture.allFinished()
    #expect(fixture.circuit("f") == nil)
  }
}

extension CircuitBreaker {
  static func after(_ failures: Int32, openFor time: Duration) -> CircuitBreaker {
    var breaker = CircuitBreaker()
    (breaker.failureThreshold, breaker.openDuration) = (failures, time)
    return breaker
  }
}

extension PoolFixture {
  func defineFlow(_ functionID: String, _ change: (inout FlowControl) -> Void) {
    var function = Function()
    function.functionID = functionID
    change(&function.flow)
    put(.function(function))
  }

  func circuit(_ functionID: String) -> CircuitState? {
    catalog.compiledFunction(functionID, in: .default)?.gate(\.circuit)
  }
}
