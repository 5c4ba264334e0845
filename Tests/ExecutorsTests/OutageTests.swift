import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct OutageTests {
  @Test func `an outcome waits in memory until the store takes it`() async throws {
    let fixture = PoolFixture(functions: ["f": 5])
    fixture.store.fail { $0 == .record ? .unavailable("disk full") : nil }
    let watch = fixture.pool.watch(fixture.accept("f").trigger.triggerID)
    for _ in 0..<20 { fixture.submit("f") }
    for milliseconds in [50, 100, 200] {
      let wait = Duration.milliseconds(milliseconds)
      await fixture.clock.someoneSleeps(for: wait...wait)
      fixture.clock.advance(by: wait)
    }
    // What waits keeps its place: no more than the function's concurrency.
    #expect(fixture.runtime.counts.value.started.count == 5)
    fixture.store.work()
    fixture.clock.advance(by: .seconds(5))
    try await fixture.pool.start()
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.started.count == 21)
    watch.cancel()
  }

  @Test func `an overloaded store is tried again when it said`() async {
    let fixture = PoolFixture()
    fixture.store.fail { $0 == .record ? .overloaded(retryAfter: .seconds(2)) : nil }
    fixture.submit("f")
    await fixture.clock.someoneSleeps(for: .seconds(2)...(.seconds(2)))
    fixture.store.work()
    fixture.clock.advance(by: .seconds(2))
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.started.count == 1)
  }

  @Test func `a refill that fails is made again`() async throws {
    let fixture = PoolFixture()
    _ = fixture.accept("f")
    fixture.store.fail { $0 == .due ? .unavailable("locked") : nil }
    try await fixture.pool.start()
    let wait = ExecutorLimits.storeBackoffMin
    await fixture.clock.someoneSleeps(for: wait...wait)
    #expect(fixture.pool.load.waitingLanes == 0)
    fixture.store.work()
    fixture.clock.advance(by: wait)
    await fixture.allFinished()
  }

  @Test func `a start without a store says so`() async {
    let fixture = PoolFixture()
    fixture.store.fail { _ in .unavailable("locked") }
    await #expect(throws: StoreError.unavailable("locked")) { try await fixture.pool.start() }
  }

  @Test func `an invocation that was finished elsewhere is told as it is stored`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture { _, _ in
      await gate.opened()
      return .failed()
    }
    let plan = fixture.accept("f")
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    fixture.pool.submit(plan, held: [])
    await fixture.runtime.counts.until { $0.total == 1 }
    // Not by the pool, so that nobody stops the attempt.
    let cancelled = try #require(
      fixture.store.contents.update { contents in
        contents.model.cancel(
          .invocation(plan.invocations[0].id), in: .default, .cancelledByGroup, at: .now(),
          running: { _ in nil })?.changed.first
      })
    gate.open()
    let progress = await fixture.collect(watch, until: \.isTerminal)
    #expect(progress.last == .changed(cancelled))
    #expect(fixture.store.contents.read(\.records).isEmpty)
  }
}
