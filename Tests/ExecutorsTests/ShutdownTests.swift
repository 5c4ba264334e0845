import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct ShutdownTests {
  @Test func `a running attempt may finish, what is queued stays in the store`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 1]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    let first = fixture.submit("f")
    let second = fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    async let shutdown: Void = fixture.pool.shutdown(within: .seconds(20))
    await fixture.clock.someoneSleeps(for: .seconds(20)...(.seconds(20)))
    gate.open()
    await shutdown
    #expect(fixture.store[first]?.state == .succeeded)
    #expect(fixture.store[second]?.state == .pending)
    #expect(fixture.runtime.counts.value.started.count == 1)
  }

  @Test func `a cancelled attempt leaves no trace and runs after the restart`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { _, sink in
      sink.output([1])
      await never.opened()
      return .failed()
    }
    let id = fixture.submit("f")
    let watch = fixture.pool.watch(id.triggerID)
    let before = try #require(fixture.store[id])
    await fixture.runtime.counts.until { $0.total == 1 }
    async let shutdown: Void = fixture.pool.shutdown(within: .seconds(20))
    await fixture.clock.someoneSleeps(for: .seconds(20)...(.seconds(20)))
    fixture.clock.advance(by: .seconds(20))
    await shutdown
    #expect(fixture.store[id] == before)
    #expect(fixture.runtime.counts.value.total == 0)
    _ = await fixture.collect(watch) { _ in false }
    #expect(await watch.next() == nil)

    let restarted = PoolFixture(store: fixture.store)
    try await restarted.pool.start()
    await restarted.allFinished()
    #expect(restarted.store[id]?.attempts.map(\.number) == [1])
  }

  @Test func `after a shutdown nothing starts`() async throws {
    let fixture = PoolFixture()
    await fixture.pool.shutdown(within: .seconds(1))
    let id = fixture.submit("f")
    try await fixture.pool.start()
    #expect(fixture.pool.load.lanes == 0)
    #expect(fixture.store[id]?.state == .pending)
    #expect(await fixture.pool.watch(id.triggerID).next() == nil)
  }

  @Test func `watches can be ended while attempts go on`() async {
    let release = Observed(false)
    let fixture = PoolFixture { _, _ in
      await release.opened()
      return AttemptResult(.succeeded)
    }
    let id = fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    let watch = fixture.pool.watch(id.triggerID)
    fixture.pool.endWatches()
    #expect(await watch.next() == nil)
    #expect(await fixture.pool.watch(id.triggerID).next() == nil)
    release.open()
    await fixture.pool.shutdown(within: .seconds(60))
    #expect(fixture.store[id]?.state == .succeeded)
  }

  @Test func `a shutdown does not wait for ever for a runtime that ignores it`() async {
    let release = Observed(false)
    let fixture = PoolFixture { _, _ in
      await Task { await release.opened() }.value
      return .failed()
    }
    fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    async let shutdown: Void = fixture.pool.shutdown(within: .zero)
    let grace = ExecutorLimits.cancelGrace
    await fixture.clock.someoneSleeps(for: grace...grace)
    fixture.clock.advance(by: grace)
    await shutdown
    release.open()
  }

  @Test func `an outcome that the store does not take is given up at the deadline`() async {
    let fixture = PoolFixture()
    fixture.store.fail { $0 == .record ? .unavailable("disk full") : nil }
    let id = fixture.submit("f")
    let wait = ExecutorLimits.storeBackoffMin
    await fixture.clock.someoneSleeps(for: wait...wait)
    await fixture.pool.shutdown(within: .zero)
    #expect(fixture.store[id]?.state == .pending)
  }
}
