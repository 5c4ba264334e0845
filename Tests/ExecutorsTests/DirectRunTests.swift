import EventCore
import Matching
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct DirectRunTests {
  @Test func `a run tells what happens and then its result, and nothing is stored`() async throws {
    let fixture = PoolFixture { attempt, sink in
      sink.output([1, 2])
      sink.log("line")
      sink.output(attempt.payload.data)
      var result = AttemptResult(.succeeded, dataType: "a/b")
      result.worker = "w"
      return result
    }
    let trigger = fixture.trigger(data: [3])
    let run = try fixture.pool.run("f", with: trigger, within: .seconds(9))
    let told = await fixture.collect(run.progress) { _ in false }
    #expect(told.map(\.kind) == ["started", "output at 0", "log line", "output at 2"])
    guard case .ran(let result, let output, _) = await run.end else {
      Issue.record("it did not run")
      return
    }
    #expect(result.outcome == .succeeded && result.worker == "w")
    #expect(output?.payload == Payload(data: [1, 2, 3], dataType: "a/b"))
    let attempt = try #require(fixture.runtime.counts.value.started.first)
    #expect(attempt.subscriptionID == "" && attempt.invocationName == "")
    #expect(attempt.deadline == fixture.clock.now() + .seconds(9))
    #expect(fixture.store[InvocationID(triggerID: trigger.triggerID, ordinal: 0)] == nil)
    await isIdle(fixture)
  }

  @Test func `a failure is a result, and is not tried again`() async throws {
    let fixture = PoolFixture { _, _ in .failed("EXIT_1") }
    let end = try await fixture.run("f").end
    #expect(end.error?.code == "EXIT_1")
    #expect(fixture.runtime.counts.value.started.count == 1)
  }

  @Test func `the words of a failure are bounded, and end at no NUL`() async throws {
    let long = "a\0b" + String(repeating: "c", count: Limits.errorMessageBytesMax)
    let fixture = PoolFixture { _, _ in
      AttemptResult(.failed(InvocationError(.function, code: "C", message: long)))
    }
    let message = try #require(try await fixture.run("f").end.error?.message)
    #expect(message.hasPrefix("a\u{FFFD}bc"))
    #expect(message.utf8.count == Limits.errorMessageBytesMax)
  }

  @Test func `at its timeout the function is stopped`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { _, _ in
      await never.opened()
      return AttemptResult(.succeeded)
    }
    let run = try fixture.run("f", within: .seconds(5))
    await fixture.runtime.counts.until { $0.total == 1 }
    await fixture.clock.someoneSleeps(for: .seconds(5)...(.seconds(5)))
    fixture.clock.advance(by: .seconds(5))
    #expect(await run.end.error?.code == "ATTEMPT_TIMEOUT")
    #expect(fixture.runtime.counts.value.total == 0)
    await isIdle(fixture)
  }

  @Test func `who gives up stops the function`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { _, _ in
      await never.opened()
      return AttemptResult(.succeeded)
    }
    let run = try fixture.run("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    run.cancel()
    #expect(await run.end.isStopped)
    #expect(fixture.runtime.counts.value.total == 0)
    await isIdle(fixture)
  }

  // MARK: Waiting

  @Test func `runs and invocations share the function's concurrency, and take turns`() async throws
  {
    let gate = Observed(0)
    let fixture = PoolFixture(functions: ["f": 1]) { attempt, _ in
      let number = Int(attempt.payload.data.first ?? 0)
      await gate.until { $0 >= number }
      return AttemptResult(.succeeded)
    }
    // What runs first is let go when all others wait.
    fixture.submit("f", data: [1])
    await fixture.runtime.counts.until { $0.total == 1 }
    for _ in 0..<3 { fixture.submit("f") }
    let runs = try (0..<3).map { _ in try fixture.run("f") }
    await fixture.callersWait(3, for: "f")
    gate.update { $0 = 1 }
    for run in runs { #expect(await run.end.error == nil) }
    await fixture.allFinished()
    let counts = fixture.runtime.counts.value
    #expect(counts.runningMax["f"] == 1)
    let kinds = counts.started.map { $0.subscriptionID.isEmpty ? "run" : "invocation" }
    #expect(
      kinds == ["invocation", "run", "invocation", "run", "invocation", "run", "invocation"])
    await isIdle(fixture)
  }

  @Test func `a turn that does not come within the time is told, with why`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture(runningMax: 4, functions: ["f": 1, "g": 9]) { _, _ in
      await never.opened()
      return AttemptResult(.succeeded)
    }
    fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    #expect(try await fixture.refusal("f")?.hasSuffix("as its max_concurrency allows") == true)
    fixture.submit("g")
    await fixture.runtime.counts.until { $0.total == 2 }
    #expect(
      try await fixture.refusal("g")?.hasSuffix("as many functions ran as may at a time") == true)
    fixture.defineWorker("w")
    never.open()
    await fixture.allFinished()
    #expect(try await fixture.refusal("w")?.hasSuffix("no worker had room for it") == true)
    await isIdle(fixture)
  }

  @Test func `runs count for the circuit breaker, and wait for it`() async throws {
    let fixture = PoolFixture { _, _ in .failed("EXIT_1") }
    var function = Function()
    function.functionID = "f"
    var breaker = CircuitBreaker()
    (breaker.failureThreshold, breaker.openDuration) = (1, .seconds(60))
    function.flow.circuitBreaker = breaker
    fixture.put(.function(function))
    #expect(try await fixture.run("f").end.error?.code == "EXIT_1")
    #expect(
      try await fixture.refusal("f")?.hasSuffix("its rate or its circuit breaker lets none start")
        == true)
    fixture.clock.advance(by: .seconds(60))
    #expect(try await fixture.run("f").end.error?.code == "EXIT_1")
    #expect(fixture.runtime.counts.value.started.count == 2)
    await isIdle(fixture)
  }

  @Test func `a run has a place that is left when its result is told`() async throws {
    let fixture = PoolFixture { _, _ in AttemptResult(.succeeded) }
    fixture.defineWorker("w")
    let run = try fixture.run("w")
    await fixture.callersWait(1, for: "w")
    fixture.runtime.places.update { $0 = [7] }
    fixture.pool.placesFreed(in: [Lane(.default, "w")])
    #expect(await run.end.error == nil)
    #expect(fixture.runtime.counts.value.started.map(\.place) == [7])
    #expect(fixture.runtime.leftPlaces.value == [7: true])
    await isIdle(fixture)
  }

  @Test func `who gives up waiting leaves nothing behind`() async throws {
    let fixture = PoolFixture()
    fixture.defineWorker("w")
    let run = try fixture.run("w")
    await fixture.callersWait(1, for: "w")
    run.cancel()
    #expect(await run.end.isStopped)
    #expect(fixture.runtime.counts.value.started.isEmpty)
    await isIdle(fixture)
  }

  @Test func `a function that is deleted while its run waits is not found`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 1]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    let run = try fixture.run("f")
    await fixture.callersWait(1, for: "f")
    fixture.catalog.apply(.deleted(Definition.Key(.function, "f"), .default))
    gate.open()
    #expect(await run.end.refusal?.reason == .functionNotFound)
    await isIdle(fixture)
  }

  // MARK: Limits

  @Test func `a function has so many callers that wait, and no more`() async throws {
    let fixture = PoolFixture()
    fixture.defineWorker("w")
    let runs = try (0..<ExecutorLimits.laneCallersMax).map { _ in try fixture.run("w") }
    await fixture.callersWait(ExecutorLimits.laneCallersMax, for: "w")
    let surplus = try fixture.run("w")
    #expect(await surplus.end.refusal?.reason == .queueFull)
    for run in runs { run.cancel() }
    for run in runs { #expect(await run.end.isStopped) }
    await isIdle(fixture)
  }

  @Test func `all callers hold so many bytes, and no more`() async throws {
    let fixture = PoolFixture()
    fixture.defineWorker("w")
    let rest = ExecutorLimits.callersBytesMax - 2 * ExecutorLimits.callerBytes
    let first = try fixture.pool.run(
      "w", with: fixture.trigger(data: [UInt8](repeating: 0, count: rest)), within: .seconds(9))
    let last = try fixture.run("w")
    #expect(fixture.pool.load.directBytes == ExecutorLimits.callersBytesMax)
    let error = #expect(throws: GatewayError.self) { try fixture.run("w") }
    #expect(error?.reason == .queueFull && error?.retryAfter != nil)
    for run in [first, last] {
      run.cancel()
      #expect(await run.end.isStopped)
    }
    await isIdle(fixture)
    #expect(throws: Never.self) { try fixture.run("w").cancel() }
  }

  // MARK: Shutdown

  @Test func `a shutdown lets runs finish, and refuses those that wait and those that come`()
    async throws
  {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 1]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    let running = try fixture.run("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    let waiting = try fixture.run("f")
    await fixture.callersWait(1, for: "f")
    async let shutdown: Void = fixture.pool.shutdown(within: .seconds(20))
    #expect(await waiting.end.refusal?.reason == .draining)
    gate.open()
    #expect(await running.end.error == nil)
    await shutdown
    let error = #expect(throws: GatewayError.self) { try fixture.run("f") }
    #expect(error?.reason == .draining)
  }

  @Test func `a shutdown stops what does not finish in time`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { _, _ in
      await never.opened()
      return AttemptResult(.succeeded)
    }
    let run = try fixture.run("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    async let shutdown: Void = fixture.pool.shutdown(within: .seconds(20))
    await fixture.clock.someoneSleeps(for: .seconds(20)...(.seconds(20)))
    fixture.clock.advance(by: .seconds(20))
    await shutdown
    #expect(await run.end.isStopped)
    #expect(fixture.runtime.counts.value.total == 0)
  }

  /// Nothing of it is left in the pool.
  private func isIdle(_ fixture: PoolFixture) async {
    await eventually {
      let load = fixture.pool.load
      return load.lanes == 0 && load.directBytes == 0 && load.watchedTriggers == 0
    }
  }
}

extension PoolFixture {
  fileprivate func run(
    _ functionID: String, within timeout: Duration = .seconds(30)
  ) throws -> DirectRun {
    try pool.run(functionID, with: trigger(), within: timeout)
  }

  fileprivate func defineWorker(_ id: String) {
    var function = Function()
    function.functionID = id
    function.target = .worker(WorkerTarget())
    put(.function(function))
  }

  fileprivate func callersWait(_ count: Int, for functionID: String) async {
    let lane = Lane(.default, functionID)
    while await pool.lanes.waitingCallers(in: lane) != count { await Task.yield() }
  }

  /// What a run is told whose time passes while it waits.
  fileprivate func refusal(_ functionID: String) async throws -> String? {
    let run = try run(functionID, within: .seconds(5))
    await callersWait(1, for: functionID)
    await clock.someoneSleeps(for: .seconds(5)...(.seconds(5)))
    clock.advance(by: .seconds(5))
    let refusal = await run.end.refusal
    #expect(refusal == nil || refusal?.reason == .functionBusy)
    return refusal?.message
  }
}

extension DirectRun.End {
  fileprivate var error: InvocationError? {
    guard case .ran(let result, _, _) = self, case .failed(let error) = result.outcome else {
      return nil
    }
    return error
  }

  fileprivate var refusal: GatewayError? {
    if case .refused(let error) = self { error } else { nil }
  }

  fileprivate var isStopped: Bool { if case .stopped = self { true } else { false } }
}

extension TriggerProgress {
  fileprivate var kind: String {
    switch self {
    case .started: "started"
    case .output(_, _, let offset, _): "output at \(offset)"
    case .log(_, let line): "log \(line.text)"
    case .changed: "changed"
    }
  }
}
