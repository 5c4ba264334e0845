import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(2)))
struct ConcurrencyKeyTests {
  @Test func `of a key run as many as may, whatever the others do`() async {
    let gate = Observed(false)
    let runs = KeyCounts()
    let fixture = PoolFixture(functions: [:]) { request, _ in
      runs.began(request)
      await gate.opened()
      runs.ended(request)
      return AttemptResult(.succeeded)
    }
    fixture.defineKeys("f", max: 2)
    for _ in 0..<5 { for key in ["a", "b", "c"] { fixture.submit("f", key: key) } }
    await fixture.runtime.counts.until { $0.total == 6 }
    await eventually { fixture.pool.load.waitingLanes == 0 }
    // The runtime counts before its closure does.
    await runs.counts.until { $0.running == ["a": 2, "b": 2, "c": 2] }
    gate.open()
    await fixture.allFinished()
    #expect(runs.counts.value.most == ["a": 2, "b": 2, "c": 2])
    #expect(fixture.starts(of: "f") == 15)
  }

  @Test func `what has no key counts for none`() async {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: [:]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.defineKeys("f", max: 1)
    for _ in 0..<9 { fixture.submit("f", data: Array("{}".utf8)) }
    await fixture.runtime.counts.until { $0.total == 9 }
    gate.open()
    await fixture.allFinished()
  }

  /// What the queue has no room for is held in the store, so memory is bounded and another key that
  /// comes after ten thousand of a blocked one starts.
  @Test func `a blocked key stalls no other, however much of it waits`() async {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: [:]) { request, _ in
      if request.key == "hot" { await gate.opened() }
      return AttemptResult(.succeeded)
    }
    fixture.defineKeys("f", max: 1)
    for _ in 0..<10_000 { fixture.submit("f", key: "hot") }
    let other = fixture.submit("f", key: "other")
    await eventually { fixture.store[other]?.state == .succeeded }
    #expect(fixture.starts(of: "f") == 2)
    #expect(fixture.pool.load.queuedBytes < 64 * 4_096)
    // Later ones need not wait for the first to be sorted.
    let later = fixture.submit("f", key: "later")
    await eventually { fixture.store[later]?.state == .succeeded }
    gate.open()
    await fixture.allFinished()
    let started = fixture.runtime.counts.value.started.map(\.invocationID)
    #expect(started.count == 10_002 && Set(started).count == 10_002)
    #expect(fixture.store.contents.read(\.pageMax) <= 64)
    await eventually { fixture.pool.load.lanes == 0 }
    #expect(fixture.pool.load.queuedBytes == 0)
  }

  @Test func `what the store holds is picked up after a restart, key by key`() async throws {
    let gate = Observed(false)
    let before = PoolFixture(functions: [:]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    before.defineKeys("f", max: 1)
    for number in 0..<600 { before.submit("f", key: number < 500 ? "hot" : "\(number % 20)") }
    await before.runtime.counts.until { $0.total == 21 }
    await eventually { before.store.contents.read { !$0.model.lanesWithHeldKeys().isEmpty } }
    await before.pool.shutdown(within: .zero)

    let after = PoolFixture(store: MemoryStore(reopening: before.store), functions: [:])
    after.defineKeys("f", max: 1)
    try await after.pool.start()
    await after.allFinished()
    #expect(after.starts(of: "f") == 600)
    await eventually { after.pool.load.lanes == 0 }
    gate.open()
  }

  @Test func `a limit that is raised or taken away is in force at once`() async {
    let gate = Observed(false)
    let fixture = PoolFixture(functions: [:]) { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.defineKeys("f", max: 1)
    for _ in 0..<200 { fixture.submit("f", key: "a") }
    await fixture.runtime.counts.until { $0.total == 1 }
    fixture.defineKeys("f", max: 5)
    fixture.pool.flowChanged(in: Lane(.default, "f"))
    await fixture.runtime.counts.until { $0.total == 5 }
    fixture.defineFlow("f") { _ in }
    fixture.pool.flowChanged(in: Lane(.default, "f"))
    await fixture.runtime.counts.until { $0.total == 64 }
    gate.open()
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 200)
  }

  @Test func `a retry takes its turn among those of its key`() async {
    let runs = KeyCounts()
    let fixture = PoolFixture(functions: [:]) { request, _ in
      runs.began(request)
      defer { runs.ended(request) }
      await Task.yield()
      return request.number == 1 ? .failed("EXIT_1") : AttemptResult(.succeeded)
    }
    fixture.defineKeys("f", max: 1)
    var delivery = DeliveryPolicy()
    (delivery.jitter, delivery.initialBackoff) = (0, .seconds(1))
    fixture.subscribe("s-f", "f", delivery)
    for _ in 0..<100 { fixture.submit("f", key: "a") }
    // None waits for the retry of the one before.
    await fixture.store.until { $0.allSatisfy { $0.state == .retrying } }
    fixture.clock.advance(by: .seconds(1))
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 200)
    #expect(runs.counts.value.most == ["a": 1])
  }

  @Test func `a key is held again and again while the store fails in between`() async {
    let fixture = PoolFixture(functions: [:]) { _, _ in
      await Task.yield()
      return AttemptResult(.succeeded)
    }
    fixture.defineKeys("f", max: 1)
    let calls = Observed(0)
    fixture.store.fail { operation in
      guard operation == .hold || operation == .release else { return nil }
      let number = calls.update { calls in
        calls += 1
        return calls
      }
      return number.isMultiple(of: 2) ? nil : .unavailable("no disk")
    }
    for _ in 0..<500 { fixture.submit("f", key: "a") }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await fixture.allFinished() }
      group.addTask {
        while !Task.isCancelled {
          fixture.clock.advance(by: .milliseconds(50))
          await Task.yield()
        }
      }
      await group.next()
      group.cancelAll()
    }
    #expect(fixture.starts(of: "f") == 500)
    #expect(calls.value > 2)
  }
}

/// How many of each key run.
private final class KeyCounts: Sendable {
  struct Counts: Sendable {
    var running: [String: Int] = [:]
    var most: [String: Int] = [:]
  }

  let counts = Observed(Counts())

  func began(_ request: AttemptRequest) {
    counts.update { counts in
      counts.running[request.key, default: 0] += 1
      counts.most[request.key] = max(counts.most[request.key] ?? 0, counts.running[request.key]!)
    }
  }

  func ended(_ request: AttemptRequest) {
    counts.update { $0.running[request.key]! -= 1 }
  }
}

extension AttemptRequest {
  fileprivate var key: String { trigger.metadata["key"] ?? "" }
}

extension PoolFixture {
  fileprivate func defineKeys(_ functionID: String, max: Int32) {
    defineFlow(functionID) { ($0.concurrencyKey, $0.maxConcurrencyPerKey) = ("/metadata/key", max) }
  }

  @discardableResult
  fileprivate func submit(_ functionID: String, key: String) -> InvocationID {
    var plan = plan([functionID])
    plan.trigger.metadata["key"] = key
    store.insert(plan)
    pool.submit(plan, held: [])
    return plan.invocations[0].id
  }
}
