import EventCore
import MemoryStore
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct WatchTests {
  @Test func `a watch tells everything in its order`() async throws {
    let fixture = PoolFixture { request, sink in
      sink.output([1, 2])
      sink.log("try \(request.number)")
      sink.output([3])
      return request.number == 1 ? .failed() : AttemptResult(.succeeded)
    }
    let plan = fixture.accept("f")
    let id = plan.invocations[0].id
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    fixture.pool.submit(plan, held: [])
    let first = await fixture.collect(watch) { $0.isChange }
    await fixture.clock.someoneSleeps(for: .milliseconds(800)...(.seconds(1)))
    fixture.clock.advance(by: .seconds(1))
    let second = await fixture.collect(watch, until: \.isTerminal)

    for (number, progress) in [(Int32(1), first), (2, second)] {
      try #require(progress.count == 5)
      guard case .started(let started) = progress[0], case .log(id, let line) = progress[2],
        case .changed = progress[4]
      else { throw Unexpected(progress) }
      #expect(started.state == .running && started.attempts.last?.number == number)
      #expect(progress[1] == .output(id, attempt: number, offset: 0, bytes: [1, 2]))
      #expect(line.text == "try \(number)" && line.attempt == number)
      #expect(progress[3] == .output(id, attempt: number, offset: 2, bytes: [3]))
    }
    #expect(second.last == .changed(try #require(fixture.store[id])))
  }

  @Test func `a change is in the store before it is told`() async throws {
    let fixture = PoolFixture()
    fixture.store.fail { $0 == .record ? .unavailable("disk full") : nil }
    let plan = fixture.accept("f")
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    fixture.pool.submit(plan, held: [])
    let wait = ExecutorLimits.storeBackoffMin
    await fixture.clock.someoneSleeps(for: wait...wait)
    let before = await watch.next()
    #expect(before?.contains { $0.isChange } == false)
    fixture.store.work()
    fixture.clock.advance(by: wait)
    let after = await fixture.collect(watch, until: \.isTerminal)
    #expect(after == [.changed(try #require(fixture.store[plan.invocations[0].id]))])
  }

  @Test func `watchers of one trigger get the same, others nothing`() async {
    let fixture = PoolFixture(functions: ["a": 64, "b": 64])
    let plan = fixture.accept("a", "b")
    let watches = [
      fixture.pool.watch(plan.trigger.triggerID), fixture.pool.watch(plan.trigger.triggerID),
    ]
    let other = fixture.pool.watch(fixture.accept("a").trigger.triggerID)
    fixture.pool.submit(plan, held: [])
    await fixture.store.until { $0.count(where: \.state.isTerminal) == 2 }
    for watch in watches {
      var changed: Set<InvocationID> = []
      while changed.count < 2, let batch = await watch.next() {
        for case .changed(let invocation) in batch { changed.insert(invocation.id) }
      }
      #expect(changed == Set(plan.invocations.map(\.id)))
    }
    other.cancel()
    #expect(await other.next() == nil)
  }

  @Test func `a watch that is given up or cancelled leaves nothing behind`() async {
    let fixture = PoolFixture()
    do {
      let watch = fixture.pool.watch(fixture.accept("f").trigger.triggerID)
      #expect(fixture.pool.load.watchedTriggers == 1)
      _ = watch
    }
    #expect(fixture.pool.load.watchedTriggers == 0)
    let watch = fixture.pool.watch(fixture.accept("f").trigger.triggerID)
    watch.cancel()
    watch.cancel()
    #expect(fixture.pool.load.watchedTriggers == 0)
  }

  @Test func `next ends when its task is cancelled`() async {
    let fixture = PoolFixture()
    let watch = fixture.pool.watch(fixture.accept("f").trigger.triggerID)
    let reader = Task { await watch.next() }
    reader.cancel()
    #expect(await reader.value == nil)
  }

  @Test func `a slow watcher misses output but no state, and holds up nothing`() async throws {
    let chunk = [UInt8](repeating: 1, count: Limits.outputBytesMax / 4)
    let fixture = PoolFixture { _, sink in
      for _ in 0..<4 { sink.output(chunk) }
      for _ in 0..<100 { sink.log(String(repeating: "x", count: 4_000)) }
      return AttemptResult(.succeeded)
    }
    let functions = (0..<20).map { "f\($0)" }
    for function in functions { fixture.define(function) }
    let plan = fixture.accept(functions)
    let watch = fixture.pool.watch(plan.trigger.triggerID)
    fixture.pool.submit(plan, held: [])
    await fixture.allFinished()
    await eventually { fixture.pool.load.runningAttempts == 0 }

    var held = 0
    var finished: [InvocationID: Invocation] = [:]
    while finished.count < functions.count, let batch = await watch.next() {
      held = max(held, batch.reduce(0) { $0 + $1.bytes })
      for case .changed(let invocation) in batch { finished[invocation.id] = invocation }
    }
    let bound = ExecutorLimits.watchChunkBytesMax + 2 * ExecutorLimits.watchChangeBytesMax
    #expect(held <= max(bound, ExecutorLimits.watchRereadMax * 1_000_000))
    for (id, invocation) in finished { #expect(fixture.store[id] == invocation) }
  }
}

private struct Unexpected: Error {
  let progress: [TriggerProgress]
  init(_ progress: [TriggerProgress]) { self.progress = progress }
}

extension TriggerProgress {
  fileprivate var isChange: Bool {
    guard case .changed = self else { return false }
    return true
  }

  fileprivate var bytes: Int {
    switch self {
    case .started(let invocation), .changed(let invocation): invocation.weight
    case .output(_, _, _, let bytes): bytes.count
    case .log(_, let line): line.text.utf8.count
    }
  }
}
