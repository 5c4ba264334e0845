import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct UpkeepTests {
  @Test func `a group whose time is up ends, and what runs of it stops`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture(functions: ["a": 1, "b": 1]) { _, _ in
      await never.opened()
      return AttemptResult(.succeeded)
    }
    fixture.defineGroup("g", .sequence) { $0.timeout = .seconds(5) }
    fixture.subscribe("1", "a") { $0.groupID = "g" }
    fixture.subscribe("2", "b") { $0.groupID = "g" }
    try await fixture.pool.start()
    await fixture.clock.upkeepSleeps()
    let plan = fixture.publish()
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    await fixture.runtime.counts.until { $0.total == 1 }
    await fixture.clock.someoneSleeps(for: .seconds(5)...(.seconds(5)))
    fixture.clock.advance(by: .seconds(5))
    await fixture.allFinished()
    await fixture.runtime.counts.until { $0.total == 0 }
    #expect(fixture.states(plan) == [.failed, .skipped])
    let failed = try #require(fixture.store[plan.invocations[0].id])
    #expect(failed.error == .groupTimeout)
    let progress = await fixture.collect(watch, until: \.isTerminal)
    #expect(progress.contains(.changed(failed)))
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `what was kept long enough is removed, in batches until none is left`() async throws {
    let fixture = PoolFixture()
    fixture.define(event: "e", retention: .seconds(30))
    fixture.subscribe("s", "f")
    try await fixture.pool.start()
    let count = 3 * ExecutorLimits.pruneBatchMax
    for _ in 0..<count { fixture.publish() }
    await fixture.allFinished()
    for _ in 0..<200 where await fixture.triggerCount() > 0 {
      await fixture.clock.someoneSleeps(for: .zero...(.seconds(60)))
      if fixture.clock.elapsed < .seconds(29) {
        #expect(await fixture.triggerCount() > 0)
      }
      fixture.clock.advance(by: .seconds(1))
    }
    #expect(await fixture.triggerCount() == 0)
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `a store that fails is tried again later, with growing pauses`() async throws {
    let fixture = PoolFixture()
    fixture.store.fail { $0 == .unpark ? .unavailable("locked") : nil }
    try await fixture.pool.start()
    for milliseconds in [50, 100] {
      let wait = Duration.milliseconds(milliseconds)
      await fixture.clock.someoneSleeps(for: wait...wait)
      fixture.clock.advance(by: wait)
    }
    fixture.store.work()
    fixture.clock.advance(by: .seconds(1))
    await fixture.clock.upkeepSleeps()
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `after the shutdown nothing is kept up`() async throws {
    let fixture = PoolFixture()
    try await fixture.pool.start()
    await fixture.clock.upkeepSleeps()
    await fixture.pool.shutdown(within: .seconds(1))
    await fixture.clock.nobodySleeps()
    try await fixture.pool.start()
    fixture.pool.upkeepNeeded()
    await fixture.clock.nobodySleeps()
  }
}

extension PoolFixture {
  fileprivate func triggerCount() async -> Int {
    let query = TriggerQuery(in: .default, limit: Limits.pageSizeMax)
    return (try? await store.triggers(query).items.count) ?? -1
  }
}

struct UpkeepScheduleTests {
  private let now = Timestamp(nanoseconds: 1_000_000_000_000)

  @Test func `everything but the lanes is done at the start, then once in an interval`() {
    var schedule = UpkeepSchedule(at: now)
    var done: Set<UpkeepSchedule.Chore> = []
    while case .run(let chore) = schedule.next(at: now) {
      done.insert(chore)
      schedule.begin(chore, at: now)
      schedule.finished(chore, Upkeep(), from: now, at: now)
    }
    #expect(done == [.unpark, .expireGroups, .prune])
    #expect(schedule.next(at: now) == .wait(ExecutorLimits.upkeepInterval))
    while case .run(let chore) = schedule.next(at: now + ExecutorLimits.upkeepInterval) {
      done.insert(chore)
      schedule.begin(chore, at: now + ExecutorLimits.upkeepInterval)
    }
    #expect(done == Set(UpkeepSchedule.Chore.allCases))
  }

  @Test func `a hint brings a chore forward, and only the first of them wakes`() {
    var schedule = idle()
    let first = schedule.note(.prune, at: now + .seconds(2))
    let later = schedule.note(.prune, at: now + .seconds(3))
    #expect(first && !later)
    #expect(schedule.next(at: now) == .wait(.seconds(2)))
    #expect(schedule.next(at: now + .seconds(2)) == .run(.prune))
  }

  @Test func `a hint that comes while the chore is done is for the next time`() {
    var schedule = idle()
    schedule.begin(.unpark, at: now)
    _ = schedule.note(.unpark, at: now)
    schedule.finished(.unpark, Upkeep(), from: now, at: now)
    #expect(schedule.next(at: now) == .run(.unpark))
  }

  @Test func `a full batch of pruning leaves as much time to others as it took`() {
    var schedule = idle()
    let end = now + .milliseconds(70)
    schedule.begin(.prune, at: now)
    schedule.finished(.prune, batch(count: 9, next: now), from: now, at: end)
    #expect(schedule.next(at: end) == .wait(.milliseconds(70)))
  }

  @Test func `a full batch of another chore is followed by the next at once, an empty one is not`()
  {
    var schedule = idle()
    schedule.begin(.unpark, at: now)
    schedule.finished(.unpark, batch(count: 1, next: now), from: now, at: now)
    #expect(schedule.next(at: now) == .run(.unpark))
    schedule.begin(.unpark, at: now)
    schedule.finished(.unpark, batch(count: 0, next: now), from: now, at: now)
    #expect(schedule.next(at: now) == .wait(ExecutorLimits.pruneInterval))
  }

  @Test func `a clock that steps back does not put the upkeep off`() {
    let schedule = idle()
    #expect(schedule.next(at: now + .seconds(-3_600)) == .run(.unpark))
  }

  private func idle() -> UpkeepSchedule {
    var schedule = UpkeepSchedule(at: now)
    for chore in UpkeepSchedule.Chore.allCases { schedule.begin(chore, at: now) }
    return schedule
  }

  private func batch(count: Int, next: Timestamp) -> Upkeep {
    var batch = Upkeep()
    batch.count = count
    batch.next = next
    return batch
  }
}
