import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct CancelTests {
  private let byUser = InvocationError(
    .cancelled, code: "CANCELLED", message: "by somebody", isFinal: true)

  @Test func `a cancelled invocation's function is stopped and records nothing`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { _, sink in
      sink.output([1])
      await never.opened()
      return AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    let plan = fixture.publish()
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    await fixture.runtime.counts.until { $0.total == 1 }
    let changed = try await fixture.pool.cancel(
      .trigger(plan.trigger.triggerID), in: .default, byUser)
    await fixture.runtime.counts.until { $0.total == 0 }
    await eventually { fixture.pool.load.lanes == 0 }
    let stored = try #require(fixture.store[plan.invocations[0].id])
    #expect(stored.state == .cancelled && stored.error == byUser && stored.revision == 1)
    #expect(stored.attempts.map(\.number) == [1] && stored.attempts[0].error == byUser)
    #expect(changed == [stored])
    let progress = await fixture.collect(watch, until: \.isTerminal)
    // Its output may still be heard after it: see TriggerProgress.
    #expect(progress.contains(.changed(stored)))
    #expect(fixture.store.contents.read(\.records).isEmpty)
  }

  @Test func `what is queued does not start after it was cancelled`() async throws {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: ["f": 1]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    let plans = (0..<10).map { _ in fixture.publish() }
    await fixture.runtime.counts.until { $0.total == 1 }
    for plan in plans[1..<9] {
      _ = try await fixture.pool.cancel(.invocation(plan.invocations[0].id), in: .default, byUser)
    }
    gate.open()
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 2)
    await eventually { fixture.pool.load.queuedBytes == 0 }
  }

  @Test func `a hint that comes after the cancel starts nothing`() async throws {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    let plan = fixture.accept("f")
    _ = try await fixture.pool.cancel(.trigger(plan.trigger.triggerID), in: .default, byUser)
    fixture.pool.submit(plan, held: [])
    fixture.publish()
    await fixture.allFinished()
    await eventually { fixture.pool.load.lanes == 0 }
    #expect(fixture.starts(of: "f") == 1)
  }

  @Test func `what does not exist or is finished is not cancelled`() async throws {
    let fixture = PoolFixture()
    let id = fixture.submit("f")
    await fixture.allFinished()
    let again = try await fixture.pool.cancel(.invocation(id), in: .default, byUser)
    #expect(again == [])
    let unknown = UniqueID(at: fixture.clock.now())
    let none = try await fixture.pool.cancel(.trigger(unknown), in: .default, byUser)
    #expect(none == nil)
    #expect(fixture.store[id]?.state == .succeeded)
  }

  @Test func `the cancel of one lets the next of its key go`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { request, _ in
      if request.payload.data == [1] { await never.opened() }
      return AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    let first = fixture.publish(data: [1]) { $0.orderingKey = "k" }
    let second = fixture.publish(data: [2]) { $0.orderingKey = "k" }
    await fixture.runtime.counts.until { $0.total == 1 }
    _ = try await fixture.pool.cancel(.trigger(first.trigger.triggerID), in: .default, byUser)
    await fixture.allFinished()
    #expect(fixture.states(second) == [.succeeded])
  }

  @Test func `a group's strategy stops those that run`() async throws {
    let never = Observed(false)
    let isRunning = Observed(false)
    let fixture = PoolFixture(functions: ["bad": 1, "slow": 1]) { request, _ in
      if request.function.functionID == "slow" {
        isRunning.open()
        await never.opened()
      }
      await isRunning.opened()
      return .failed("EXIT_64", isFinal: true)
    }
    fixture.defineGroup("g", .parallel) { $0.onFailure = .cancelRemaining }
    fixture.subscribe("1", "bad") { $0.groupID = "g" }
    fixture.subscribe("2", "slow") { $0.groupID = "g" }
    let plan = fixture.publish()
    await fixture.allFinished()
    #expect(fixture.states(plan) == [.failed, .cancelled])
    await fixture.runtime.counts.until { $0.total == 0 }
    let slow = try #require(fixture.store[plan.invocations[1].id])
    #expect(slow.error == .cancelledByGroup && slow.attempts.count == 1)
  }

  @Test func `from its cancel on an attempt counts for nothing, until it is gone`() async throws {
    let fixture = PoolFixture()
    let invocation = fixture.accept("f").invocations[0]
    let running = fixture.pool.running
    #expect(running.insert(Attempt(), of: invocation))
    #expect(running[invocation.id] != nil && running.groupIDs(of: invocation.id.triggerID) == [""])
    _ = try await fixture.pool.cancel(.invocation(invocation.id), in: .default, byUser)
    #expect(running.isStopped(invocation.id) && running[invocation.id] == nil)
    #expect(running.groupIDs(of: invocation.id.triggerID).isEmpty && running.count == 1)
    running.remove(invocation.id)
    #expect(!running.isStopped(invocation.id) && running.count == 0)
  }

  @Test func `what was ended does not begin until its lane knows, but its redrive does`() {
    let running = RunningAttempts()
    let queued = Invocation()
    let now = Timestamp(nanoseconds: 0)
    let ended = queued.ended(.cancelled, byUser, at: now, stopping: nil)
    running.stop(ended)
    #expect(!running.insert(Attempt(), of: queued))
    #expect(running.count == 0)
    let redriven = ended.redriven(at: now)
    #expect(running.insert(Attempt(), of: redriven))
    // Told late, of what was before.
    running.stop(ended)
    #expect(!running.isStopped(redriven.id))
    running.remove(redriven.id)
    running.forgetEnded([ended.id])
    #expect(running.insert(Attempt(), of: queued))
  }
}
