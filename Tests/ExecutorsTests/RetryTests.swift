import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct RetryTests {
  @Test func `a failed attempt is made again after its backoff, not before`() async throws {
    let fixture = PoolFixture { request, _ in
      request.number < 3 ? .failed("EXIT_7") : AttemptResult(.succeeded)
    }
    var delivery = DeliveryPolicy()
    delivery.jitter = 0
    delivery.initialBackoff = .seconds(4)
    fixture.subscribe("s-f", "f", delivery)
    let id = fixture.submit("f")

    await fixture.clock.someoneSleeps(for: .seconds(4)...(.seconds(4)))
    let waiting = try #require(fixture.store[id])
    #expect(waiting.state == .retrying && waiting.error?.code == "EXIT_7")
    #expect(waiting.nextAttemptTime == fixture.clock.now() + .seconds(4))
    fixture.clock.advance(by: .seconds(4) - .nanoseconds(1))
    await fixture.clock.someoneSleeps(for: .nanoseconds(1)...(.nanoseconds(1)))
    #expect(fixture.runtime.counts.value.started.count == 1)

    fixture.clock.advance(by: .nanoseconds(1))
    await fixture.clock.someoneSleeps(for: .seconds(8)...(.seconds(8)))
    fixture.clock.advance(by: .seconds(8))
    await fixture.allFinished()
    let stored = try #require(fixture.store[id])
    #expect(stored.state == .succeeded && stored.error == nil)
    #expect(stored.attempts.map(\.number) == [1, 2, 3])
    #expect(stored.attempts.map(\.error?.code) == ["EXIT_7", "EXIT_7", nil])
  }

  @Test func `the last attempt's failure is final`() async throws {
    let fixture = PoolFixture { _, _ in .failed() }
    var delivery = DeliveryPolicy()
    delivery.maxAttempts = 2
    delivery.jitter = 0
    fixture.subscribe("s-f", "f", delivery)
    let id = fixture.submit("f")
    await fixture.clock.someoneSleeps(for: .seconds(1)...(.seconds(1)))
    fixture.clock.advance(by: .seconds(1))
    await fixture.allFinished()
    let stored = try #require(fixture.store[id])
    #expect(stored.state == .failed && stored.attempts.count == 2)
  }

  @Test func `an error that no retry mends is not retried`() async throws {
    let fixture = PoolFixture { _, _ in .failed("HTTP_400", isFinal: true) }
    let id = fixture.submit("f")
    await fixture.allFinished()
    #expect(fixture.store[id]?.state == .failed)
    #expect(fixture.store[id]?.attempts.count == 1)
  }

  @Test func `a function's wish for a later retry is met`() async {
    let fixture = PoolFixture { _, _ in .failed("HTTP_503", retryAfter: .seconds(40)) }
    fixture.submit("f")
    await fixture.clock.someoneSleeps(for: .seconds(40)...(.seconds(40)))
  }

  @Test func `an attempt over its timeout is stopped and tried again`() async throws {
    let never = Observed(false)
    let fixture = PoolFixture { _, sink in
      sink.output([1, 2, 3])
      await never.opened()
      // A function that reports success after it was stopped has not succeeded.
      return AttemptResult(.succeeded)
    }
    var delivery = DeliveryPolicy()
    delivery.attemptTimeout = .seconds(7)
    fixture.subscribe("s-f", "f", delivery)
    let id = fixture.submit("f")
    await fixture.runtime.counts.until { $0.total == 1 }
    await fixture.clock.someoneSleeps(for: .seconds(7)...(.seconds(7)))
    fixture.clock.advance(by: .seconds(7))
    await fixture.store.until { $0[0].state == .retrying }
    let stored = try #require(fixture.store[id])
    #expect(stored.error?.errorClass == .timeout && stored.error?.code == "ATTEMPT_TIMEOUT")
    #expect(
      stored.error?.message
        == "the function was stopped after the attempt timeout of 7.0 seconds")
    #expect(stored.output?.payload.data == [1, 2, 3])
    #expect(fixture.runtime.counts.value.total == 0)
  }

  @Test func `many that wait for a retry need one timer and no memory`() async {
    let fixture = PoolFixture(laneQueueMax: 8) { request, _ in
      request.number == 1 ? .failed() : AttemptResult(.succeeded)
    }
    for _ in 0..<500 { fixture.submit("f") }
    await fixture.store.until { $0.allSatisfy { $0.state == .retrying } }
    await eventually { fixture.pool.load.runningAttempts == 0 }
    fixture.clock.advance(by: .seconds(2))
    await fixture.allFinished()
    #expect(fixture.runtime.counts.value.started.count == 1_000)
  }

  @Test func `an error message is cut to what is stored`() async throws {
    let long = String(repeating: "é", count: Limits.errorMessageBytesMax)
    let fixture = PoolFixture { _, _ in
      AttemptResult(
        .failed(InvocationError(.function, code: "X", message: long, isFinal: true)))
    }
    let id = fixture.submit("f")
    await fixture.allFinished()
    #expect(fixture.store[id]?.error?.message.utf8.count == Limits.errorMessageBytesMax)
  }
}
