import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct InvocationWatchTests {
  @Test func `a watch from now on starts with its place, then tells what changes`() async throws {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    fixture.publish()
    await fixture.allFinished()
    let watch = fixture.watch(after: nil)
    let first = try #require(try await watch.next())
    #expect(first.changes.isEmpty && watch.place == first.place)
    let plan = fixture.publish()
    let changes = try await fixture.changes(of: watch, count: 1)
    #expect(changes.map(\.invocation.id) == plan.invocations.map(\.id))
    #expect(changes[0].invocation.state == .succeeded && changes[0].event == "e")
  }

  @Test func `a watch from a place tells each change once and in order`() async throws {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    let ids = (0..<30).map { _ in fixture.publish().invocations[0].id }
    await fixture.allFinished()
    let all = try await fixture.changes(of: fixture.watch(after: 0), count: 30)
    #expect(Set(all.map(\.invocation.id)) == Set(ids))
    #expect(all.map(\.place) == all.map(\.place).sorted())
    let rest = try await fixture.changes(of: fixture.watch(after: all[9].place), count: 20)
    #expect(rest == Array(all[10...]))
  }

  @Test func `what nobody tells the watch is found by looking`() async throws {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    let plan = fixture.accept("f")
    let watch = fixture.watch(after: nil)
    _ = try await watch.next()
    let reader = Task { try await watch.next() }
    let poll = ExecutorLimits.changePollInterval
    let gather = ExecutorLimits.changeGatherTime
    await fixture.clock.someoneSleeps(for: gather...gather)
    fixture.clock.advance(by: gather)
    await fixture.clock.someoneSleeps(for: poll...poll)
    // Not by the pool.
    fixture.store.contents.update { contents in
      _ = contents.model.cancel(
        .trigger(plan.trigger.triggerID), in: .default, .cancelledByGroup, at: .now(),
        running: { _ in nil })
    }
    fixture.clock.advance(by: poll)
    #expect(try await reader.value?.changes.map(\.invocation.state) == [.cancelled])
  }

  @Test func `a place that is no longer kept is said to be expired`() async throws {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    fixture.publish()
    await fixture.allFinished()
    fixture.clock.advance(by: Limits.changesWindow + .seconds(1))
    _ = try await fixture.store.prune(at: fixture.clock.now(), limit: 10)
    let page = try await fixture.watch(after: 0).next()
    #expect(page?.isExpired == true)
  }

  @Test func `a watch ends with its task, the pool, and the store`() async throws {
    let fixture = PoolFixture()
    let watch = fixture.watch(after: 0)
    let reader = Task { try await watch.next() }
    await fixture.clock.someoneSleeps(for: .zero...(.seconds(1)))
    reader.cancel()
    #expect(try await reader.value == nil)

    let other = fixture.watch(after: 0)
    let waiting = Task { try await other.next() }
    await fixture.clock.someoneSleeps(for: .zero...(.seconds(1)))
    fixture.pool.endWatches()
    #expect(try await waiting.value == nil)
    #expect(try await fixture.watch(after: 0).next() == nil)
  }

  @Test func `an error of the store is thrown, and the watch can go on`() async throws {
    let fixture = PoolFixture()
    let watch = fixture.watch(after: nil)
    fixture.store.fail { $0 == .changes ? .unavailable("locked") : nil }
    await #expect(throws: StoreError.unavailable("locked")) { try await watch.next() }
    fixture.store.work()
    #expect(try await watch.next() != nil)
  }

  @Test func `a watch that is given up leaves nothing behind`() {
    let fixture = PoolFixture()
    do {
      let watch = fixture.watch(after: 0)
      #expect(fixture.pool.load.invocationWatches == 1)
      _ = watch
    }
    #expect(fixture.pool.load.invocationWatches == 0)
  }
}

extension PoolFixture {
  fileprivate func watch(after place: Int64?) -> InvocationWatch {
    pool.watchInvocations(ChangeQuery(in: .default, after: place, limit: 7))
  }

  /// The next `count` changes; the clock goes on meanwhile.
  fileprivate func changes(of watch: InvocationWatch, count: Int) async throws -> [Change] {
    let driver = Task {
      while !Task.isCancelled {
        clock.advance(by: .milliseconds(20))
        await Task.yield()
      }
    }
    defer { driver.cancel() }
    var changes: [Change] = []
    while changes.count < count, let page = try await watch.next() { changes += page.changes }
    return changes
  }
}
