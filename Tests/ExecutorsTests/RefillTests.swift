import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(5)))
struct RefillTests {
  @Test func `ten thousand invocations go through a queue of 64, each once`() async {
    let fixture = PoolFixture(functions: ["f": 64])
    let ids = (0..<10_000).map { _ in fixture.submit("f") }
    await fixture.allFinished()
    let started = fixture.runtime.counts.value.started.map(\.invocationID)
    #expect(started.count == 10_000)
    #expect(Set(started) == Set(ids))
    #expect(fixture.store.contents.read(\.dueReads) > 0)
    #expect(fixture.store.contents.read(\.pageMax) == 64)
  }

  @Test func `what the store has unfinished is picked up at the start`() async throws {
    let fixture = PoolFixture(laneQueueMax: 4, functions: ["a": 64, "b": 64])
    var delayed = TriggerPlan(fixture.trigger())
    delayed.trigger.deliverAt = fixture.clock.now() + .seconds(3)
    delayed.invocations = fixture.accept("a").invocations
    delayed.invocations[0].id = InvocationID(triggerID: delayed.trigger.triggerID, ordinal: 0)
    delayed.invocations[0].nextAttemptTime = delayed.trigger.dueTime
    fixture.store.insert(delayed)
    for _ in 0..<20 { _ = fixture.accept("a", "b") }

    try await fixture.pool.start()
    await fixture.store.until { $0.count { $0.state == .succeeded } == 41 }
    await fixture.clock.someoneSleeps(for: .seconds(3)...(.seconds(3)))
    fixture.clock.advance(by: .seconds(3))
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.started.count == 42)
  }

  @Test func `an invocation that a refill ran does not run again for its late hint`() async throws {
    let fixture = PoolFixture()
    let plan = fixture.accept("f")
    try await fixture.pool.start()
    await fixture.allFinished()
    await eventually { fixture.pool.load.lanes == 0 }
    fixture.pool.submit(plan, held: [])
    fixture.submit("f")
    await fixture.allFinished()
    await eventually { fixture.pool.load.lanes == 0 }
    #expect(fixture.runtime.counts.value.started.count == 2)
  }

  @Test func `what finishes while a refill reads does not start again from it`() async throws {
    let gate = Observed(false)
    let isReading = Observed(false)
    let mayReturn = Observed(false)
    let fixture = PoolFixture(functions: ["f": 2]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    fixture.store.afterDue {
      isReading.open()
      await mayReturn.opened()
    }
    // The page that is read now has the running invocation in it.
    try await fixture.pool.start()
    await isReading.opened()
    gate.open()
    await fixture.allFinished()
    mayReturn.open()
    await eventually { fixture.pool.load.lanes == 0 }
    #expect(fixture.runtime.counts.value.started.count == 1)
  }

  @Test func `all lanes together queue no more bytes than allowed`() async {
    let gate = Observed(false)
    let fixture = PoolFixture(runningMax: 1, queuedBytesMax: 50_000) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    for function in 0..<20 { fixture.define("f\(function)") }
    let payload = [UInt8](repeating: 7, count: 10_000)
    for number in 0..<100 { fixture.submit("f\(number % 20)", data: payload) }
    await eventually { fixture.pool.load.waitingLanes == 20 }
    #expect(fixture.pool.load.queuedBytes <= 50_000 + 12_000)
    gate.open()
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.started.count == 100)
    #expect(fixture.pool.load.queuedBytes == 0)
  }

  @Test func `a restart with a hundred thousand due serves new ones at once`() async throws {
    let isOpen = Observed(false)
    let fixture = PoolFixture(functions: ["f": 64, "g": 64]) { request, _ in
      if request.function.functionID == "f" { await isOpen.opened() }
      return AttemptResult(.succeeded)
    }
    let count = 100_000
    let plans = (0..<count).map { _ in fixture.plan(["f"]) }
    fixture.store.contents.update { contents in
      for plan in plans { _ = contents.model.insert(plan) }
    }
    try await fixture.pool.start()
    let new = fixture.submit("g")
    await eventually { fixture.store[new]?.state == .succeeded }
    // One page of it is in memory, and what runs.
    #expect(fixture.store.contents.read(\.pageMax) == 64)
    #expect(fixture.pool.load.queuedBytes < 64 * 4_096)
    isOpen.open()
    await fixture.runtime.counts.until { $0.started.count > 5_000 }
    await fixture.pool.shutdown(within: .seconds(1))
    let started = fixture.runtime.counts.value.started.map(\.invocationID)
    #expect(Set(started).count == started.count)
  }
}
