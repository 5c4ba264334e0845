import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct OrderTests {
  @Test func `what the store holds does not start, and starts when it is released`() async {
    let gate = Observed(false)
    let fixture = PoolFixture { _, _ in
      await gate.opened()
      return AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    let plans = (0..<3).map { _ in fixture.publish { $0.orderingKey = "k" } }
    let other = fixture.publish { $0.orderingKey = "other" }
    await fixture.runtime.counts.until { $0.total == 2 }
    gate.open()
    await fixture.allFinished()
    let started = fixture.runtime.counts.value.started.map(\.invocationID.triggerID)
    let inOrder = plans.map(\.trigger.triggerID)
    #expect(started.filter { $0 != other.trigger.triggerID } == inOrder)
    #expect(started.count == 4)
  }

  @Test func `a key that waits for a retry holds up no other key`() async {
    let fixture = PoolFixture { request, _ in
      request.payload.data == [0] && request.number == 1 ? .failed() : AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    let blocked = [0, 1].map { number in fixture.publish(data: [number]) { $0.orderingKey = "bad" }
    }
    for number in 0..<50 { fixture.publish { $0.orderingKey = "good \(number % 5)" } }
    await fixture.store.until { $0.count { $0.state == .succeeded } == 50 }
    #expect(blocked.map { fixture.states($0) } == [[.retrying], [.pending]])
    await fixture.clock.someoneSleeps(for: .milliseconds(800)...(.seconds(1)))
    fixture.clock.advance(by: .seconds(1))
    await fixture.allFinished()
    #expect(blocked.map { fixture.states($0) } == [[.succeeded], [.succeeded]])
  }

  /// A thousand keys, each attempt fails with a chance of a quarter; FUZZ_SEED repeats the choices.
  @Test func `every key keeps its order, whatever fails`() async throws {
    var random = SeededRandom.announced(for: "order of keys")
    let salt = random.next()
    let fixture = PoolFixture(functions: ["f": 64, "g": 16]) { request, _ in
      let trigger = request.trigger.triggerID.low
      let draw = StableHash.mixed(salt &+ trigger &+ UInt64(request.number))
      return draw % 4 == 0 ? .failed() : AttemptResult(.succeeded)
    }
    for function in ["f", "g"] { fixture.subscribe("s-\(function)", function) }
    var numbers: [UniqueID: (key: String, number: Int)] = [:]
    for number in 0..<3_000 {
      let key = "key \(Int.random(in: 0..<1_000, using: &random))"
      let plan = fixture.publish { $0.orderingKey = key }
      numbers[plan.trigger.triggerID] = (key, number)
    }
    let driver = Task { [clock = fixture.clock] in
      while !Task.isCancelled {
        clock.advance(by: .seconds(1))
        await Task.yield()
      }
    }
    await fixture.allFinished()
    driver.cancel()

    var last: [String: Int] = [:]
    for request in fixture.runtime.counts.value.started {
      let (key, number) = try #require(numbers[request.trigger.triggerID])
      let place = "\(request.subscriptionID) \(key)"
      #expect(last[place, default: -1] <= number, "\(place) went back")
      last[place] = number
    }
    #expect(fixture.runtime.counts.value.started.count > 6_000)
  }

  @Test func `a trigger that is put off runs at its time, not before`() async {
    let fixture = PoolFixture()
    fixture.subscribe("s", "f")
    let time = fixture.clock.now() + .seconds(30)
    fixture.publish { $0.deliverAt = time }
    await fixture.clock.someoneSleeps(for: .seconds(30)...(.seconds(30)))
    fixture.publish()
    await fixture.store.until { $0.count { $0.state == .succeeded } == 1 }
    #expect(fixture.starts(of: "f") == 1)
    fixture.clock.advance(by: .seconds(30))
    await fixture.allFinished()
    #expect(fixture.starts(of: "f") == 2)
  }

  @Test func `a clock that jumps back delays, and loses nothing`() async {
    let fixture = PoolFixture { request, _ in
      request.number == 1 ? .failed() : AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f")
    fixture.publish()
    await fixture.clock.someoneSleeps(for: .milliseconds(800)...(.seconds(1)))
    fixture.clock.jump(by: .seconds(-3_600))
    // The sleep that began before the jump ends by its own measure.
    await fixture.clock.someoneSleeps(for: .milliseconds(800)...(.seconds(1)))
    fixture.clock.advance(by: .seconds(1))
    await fixture.clock.someoneSleeps(for: ExecutorLimits.timerMax...ExecutorLimits.timerMax)
    fixture.clock.jump(by: .seconds(3_600))
    fixture.clock.advance(by: ExecutorLimits.timerMax)
    await fixture.allFinished()
  }

  @Test func `a sequence goes on by itself, with the output of the one before`() async {
    let fixture = PoolFixture(functions: ["a": 1, "b": 1]) { request, sink in
      sink.output(request.payload.data + Array(request.function.functionID.utf8))
      return AttemptResult(.succeeded, dataType: "text/plain")
    }
    fixture.defineGroup("g", .sequence) { $0.pipesOutput = true }
    fixture.subscribe("1", "a") { $0.groupID = "g" }
    fixture.subscribe("2", "b") { $0.groupID = "g" }
    let plan = fixture.publish(data: Array("x".utf8))
    await fixture.allFinished()
    #expect(fixture.store[plan.invocations[1].id]?.output?.payload.data == Array("xab".utf8))
    let second = fixture.runtime.counts.value.started.last
    #expect(second?.payload == Payload(data: Array("xa".utf8), dataType: "text/plain"))
  }

  @Test func `output that was cut off is not passed on`() async throws {
    let fixture = PoolFixture(functions: ["a": 1, "b": 1]) { _, sink in
      sink.output(Array(repeating: 0, count: Limits.outputBytesMax + 1))
      return AttemptResult(.succeeded)
    }
    fixture.defineGroup("g", .sequence) { $0.pipesOutput = true }
    fixture.subscribe("1", "a") { $0.groupID = "g" }
    fixture.subscribe("2", "b") { $0.groupID = "g" }
    let plan = fixture.publish()
    await fixture.allFinished()
    let second = try #require(fixture.store[plan.invocations[1].id])
    #expect(second.state == .failed && second.error?.code == "PIPED_OUTPUT_TRUNCATED")
    #expect(second.error?.errorClass == .input && second.attempts.count == 1)
    #expect(fixture.starts(of: "b") == 0)
  }
}
