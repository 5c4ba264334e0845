import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct RedriveTests {
  @Test func `a dead letter that is redriven runs again at once`() async throws {
    let isMended = Observed(false)
    let fixture = PoolFixture { _, _ in
      isMended.value ? AttemptResult(.succeeded) : .failed("EXIT_64", isFinal: true)
    }
    fixture.subscribe("s", "f")
    let plan = fixture.publish()
    await fixture.allFinished()
    await eventually { fixture.pool.load.lanes == 0 }
    isMended.open()
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    let changed = try await fixture.pool.redrive([plan.invocations[0].id], in: .default)
    #expect(changed.map(\.state) == [.pending] && changed[0].redrive?.attempts == 1)
    await fixture.allFinished()
    let stored = try #require(fixture.store[plan.invocations[0].id])
    #expect(stored.state == .succeeded && stored.attempts.map(\.number) == [1, 2])
    let progress = await fixture.collect(watch, until: \.isTerminal)
    #expect(progress.first == .changed(changed[0]))
  }

  @Test func `a redrive waits until the cancelled attempt has stopped`() async throws {
    let hasStopped = Observed(false)
    let isStopping = Observed(false)
    let fixture = PoolFixture { request, _ in
      guard request.number == 1 else { return AttemptResult(.succeeded) }
      await Observed(false).opened()
      isStopping.open()
      // It takes its time, whatever is asked of it.
      await Task { await hasStopped.opened() }.value
      return AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    let id = fixture.publish().invocations[0].id
    await fixture.runtime.counts.until { $0.total == 1 }
    let error = InvocationError(.cancelled, code: "CANCELLED", message: "by somebody")
    _ = try await fixture.pool.cancel(.invocation(id), in: .default, error)
    _ = try await fixture.pool.redrive([id], in: .default)
    await isStopping.opened()
    let current = try #require(fixture.store[id].map { fixture.pool.current($0) })
    #expect(current.state == .pending, "the old attempt is not the new one")
    hasStopped.open()
    await fixture.allFinished()
    #expect(fixture.store[id]?.state == .succeeded)
    #expect(fixture.store[id]?.attempts.map(\.number) == [1, 2])
    #expect(fixture.runtime.counts.value.runningMax == ["f": 1])
  }
}
