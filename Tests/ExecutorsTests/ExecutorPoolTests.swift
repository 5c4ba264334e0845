import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct ExecutorPoolTests {
  @Test func `an invocation runs once and its outcome is stored`() async throws {
    let fixture = PoolFixture { request, sink in
      sink.output(Array("hello".utf8))
      sink.log("a line")
      return AttemptResult(.succeeded, dataType: "text/plain")
    }
    let id = fixture.submit("f")
    await fixture.allFinished()
    let stored = try #require(fixture.store[id])
    #expect(stored.state == .succeeded)
    #expect(stored.output?.payload == Payload(data: Array("hello".utf8), dataType: "text/plain"))
    #expect(stored.logs.map(\.text) == ["a line"])
    #expect(stored.attempts.map(\.number) == [1])
    #expect(stored.attempts[0].endTime != nil && stored.attempts[0].error == nil)
    #expect(stored.nextAttemptTime == nil)
    #expect(fixture.store.contents.read(\.dueReads) == 0)
  }

  @Test func `a function runs at most as often at once as it allows`() async {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 3]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    for _ in 0..<20 { fixture.submit("f") }
    await fixture.runtime.counts.until { $0.total == 3 }
    gate.open()
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.runningMax == ["f": 3])
    #expect(fixture.runtime.counts.value.started.count == 20)
  }

  @Test func `all functions together run at most as often at once as the pool allows`() async {
    let gate = Observed(false)
    // Of which an organization that is alone gets half.
    let fixture = PoolFixture(runningMax: 8, functions: ["a": 64, "b": 64, "c": 64]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    for _ in 0..<10 { for function in ["a", "b", "c"] { fixture.submit(function) } }
    await fixture.runtime.counts.until { $0.total == 4 }
    gate.open()
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.totalMax == 4)
    #expect(fixture.runtime.counts.value.started.count == 30)
  }

  @Test func `a function that hangs does not hold up another`() async {
    let never = Observed(false)
    let fixture = PoolFixture(functions: ["slow": 2, "quick": 64]) { request, _ in
      if request.function.functionID == "slow" { await never.opened() }
      return AttemptResult(.succeeded)
    }
    for _ in 0..<100 { fixture.submit("slow") }
    let quick = (0..<100).map { _ in fixture.submit("quick") }
    await fixture.store.until { invocations in
      invocations.count { $0.functionID == "quick" && $0.state == .succeeded } == quick.count
    }
    #expect(fixture.runtime.counts.value.starts(of: "slow") == 2)
    await fixture.pool.shutdown(within: .zero)
  }

  @Test func `lanes take turns when the pool is full`() async {
    let step = Observed(0)
    let fixture = PoolFixture(runningMax: 1, functions: ["a": 64, "b": 64]) { request, _ in
      await step.until { $0 > 0 }
      return AttemptResult(.succeeded)
    }
    fixture.submit("a")
    await fixture.runtime.counts.until { $0.total == 1 }
    for _ in 0..<20 { fixture.submit("a") }
    for _ in 0..<5 { fixture.submit("b") }
    await eventually { fixture.pool.load.waitingLanes == 2 }
    step.update { $0 = 1 }
    await fixture.allFinished()
    let order = fixture.runtime.counts.value.started.map(\.function.functionID)
    // After the first one the two alternate, until b has no more.
    #expect(order[1...10].count { $0 == "b" } == 5, "\(order)")
  }

  @Test func `the invocations of one function start in the order of their acceptance`() async {
    let fixture = PoolFixture(laneQueueMax: 4, functions: ["f": 1])
    let ids = (0..<50).map { _ in fixture.submit("f") }
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.started.map(\.invocationID) == ids)
  }

  @Test func `an unknown function is a final error of the system`() async throws {
    let fixture = PoolFixture()
    let id = fixture.submit("gone")
    await fixture.allFinished()
    let stored = try #require(fixture.store[id])
    #expect(stored.state == .failed)
    #expect(stored.error?.errorClass == .system)
    #expect(stored.error?.code == "FUNCTION_NOT_FOUND")
    #expect(stored.error?.message == "there is no function 'gone'")
    #expect(stored.attempts.count == 1)
    #expect(fixture.runtime.counts.value.started.isEmpty)
  }

  @Test func `a lane is gone when it has nothing left to do`() async {
    let fixture = PoolFixture()
    for _ in 0..<10 { fixture.submit("f") }
    await fixture.allFinished()
    await eventually { fixture.pool.load.lanes == 0 }
    // For the timeouts of all attempts together.
    await fixture.clock.sleepers(atMost: 1)
  }

  @Test func `a running invocation shows as running, with its attempt`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    let id = fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    let before = try #require(fixture.store[id])
    let current = fixture.pool.current(before)
    #expect(before.state == .pending && current.state == .running)
    #expect(current.attempts.map(\.number) == [1] && current.attempts[0].endTime == nil)
    gate.open()
    await fixture.allFinished()
    let after = try #require(fixture.store[id])
    #expect(fixture.pool.current(after) == after)
  }

  @Test func `an accepted trigger shows as running, its members in their groups`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["a": 1, "b": 1, "c": 1]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.defineGroup("g", .sequence)
    fixture.subscribe("1", "a") { $0.groupID = "g" }
    fixture.subscribe("2", "b") { $0.groupID = "g" }
    fixture.subscribe("3", "c")
    let plan = fixture.publish()
    await fixture.runtime.counts.until { $0.total == 2 }
    let read = try await fixture.store.trigger(plan.trigger.triggerID, in: .default)
    let stored = try #require(read)
    #expect(stored.state == .accepted)
    let current = fixture.pool.current(stored)
    #expect(current.state == .running && current.total.total == 3)
    #expect(current.tally[.running] == 1 && current.tally[.pending] == 0)
    #expect(current.groups[0].tally[.running] == 1 && current.groups[0].tally[.pending] == 1)
    gate.open()
    await fixture.allFinished()
  }
}
