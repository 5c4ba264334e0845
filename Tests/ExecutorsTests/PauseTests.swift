import EventCore
import Matching
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct PauseTests {
  @Test func `what a paused subscription has is parked until the resume`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 1]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    try await fixture.pool.start()
    let plans = (0..<20).map { _ in fixture.publish() }
    await fixture.runtime.counts.until { $0.total == 1 }
    fixture.pause("s")
    let later = fixture.publish()
    gate.open()
    await fixture.store.until { $0.count { $0.holds == .pause } == 20 }
    await eventually { fixture.pool.load.lanes == 0 }
    #expect(fixture.starts(of: "f") == 1 && fixture.states(plans[0]) == [.succeeded])

    fixture.pause("s", false)
    fixture.pool.upkeepNeeded()
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 21 && fixture.states(later) == [.succeeded])
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `a lost hint of a resume costs a minute`() async throws {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    fixture.pause("s")
    fixture.publish()
    try await fixture.pool.start()
    await fixture.clock.upkeepSleeps()
    fixture.pause("s", false)
    fixture.clock.advance(by: ExecutorLimits.upkeepInterval)
    await fixture.allFinished()
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `a function that is gone pauses its subscription and its retries`() async throws {
    let fixture = PoolFixture { _, _ in
      var result = AttemptResult.failed("HTTP_410")
      result.pauseReason = "it answered 410 Gone"
      return result
    }
    try await fixture.observeDefinitions()
    fixture.subscribe("s", "f")
    fixture.subscribe("other", "f", to: "another")
    let plan = fixture.publish()
    await fixture.clock.someoneSleeps(for: .milliseconds(800)...(.seconds(1)))
    let paused = try #require(fixture.catalog.subscription("s", in: .default))
    #expect(paused.isPaused && paused.stateReason == "it answered 410 Gone")
    #expect(paused.stamp.revision == 2)
    #expect(fixture.catalog.subscription("other", in: .default)?.isPaused == false)
    fixture.clock.advance(by: .seconds(1))
    await fixture.store.until { $0.allSatisfy { $0.holds == .pause } }
    #expect(fixture.states(plan) == [.retrying] && fixture.starts(of: "f") == 1)
  }

  @Test func `a subscription that has another function by now is not paused`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 1, "g": 1]) { _, _ in
      await gate.opened()
      var result = AttemptResult.failed("HTTP_410", isFinal: true)
      result.pauseReason = "gone"
      return result
    }
    try await fixture.observeDefinitions()
    fixture.subscribe("s", "f")
    fixture.publish()
    await fixture.runtime.counts.until { $0.total == 1 }
    var moved = try #require(fixture.catalog.subscription("s", in: .default))
    moved.functionID = "g"
    fixture.put(.subscription(moved))
    gate.open()
    await fixture.allFinished()
    #expect(fixture.catalog.subscription("s", in: .default)?.isPaused == false)
  }
}
