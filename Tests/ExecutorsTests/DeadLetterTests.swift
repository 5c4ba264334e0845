import EventCore
import MemoryStore
import TestSupport
import Testing

@testable import Executors

@Suite(.timeLimit(.minutes(1)))
struct DeadLetterTests {
  private var delivery: DeliveryPolicy {
    var delivery = DeliveryPolicy()
    delivery.maxAttempts = 1
    delivery.deadLetterEvent = "dead"
    return delivery
  }

  @Test func `what fails for good triggers the dead-letter event`() async throws {
    let fixture = PoolFixture(functions: ["f": 1, "d": 1]) { request, _ in
      request.function.functionID == "f" ? .failed() : AttemptResult(.succeeded)
    }
    fixture.subscribe("s", "f", delivery)
    fixture.subscribe("mourner", "d", to: "dead")
    let plan = fixture.publish(data: [7])
    await fixture.allFinished()
    #expect(fixture.states(plan) == [.failed])
    let letter = try #require(
      fixture.runtime.counts.value.started.last { $0.function.functionID == "d" })
    #expect(letter.payload == plan.trigger.payload)
    #expect(letter.trigger.event == "dead" && letter.trigger.deadLetterHops == 1)
    #expect(letter.trigger.metadata["dead-letter-error-code"] == "EXIT_1")
  }

  @Test func `a retry is no dead letter`() async {
    let fixture = PoolFixture { request, _ in
      request.number == 1 ? .failed() : AttemptResult(.succeeded)
    }
    var patient = delivery
    patient.maxAttempts = 2
    fixture.subscribe("s", "f", patient)
    fixture.define(event: "dead")
    fixture.publish()
    await fixture.clock.someoneSleeps(for: .milliseconds(800)...(.seconds(1)))
    fixture.clock.advance(by: .seconds(1))
    await fixture.allFinished()
    #expect(await fixture.letters().isEmpty)
  }

  @Test func `without the event, or past the last hop, the failure stays a failure`() async {
    let fixture = PoolFixture { _, _ in .failed() }
    fixture.subscribe("s", "f", delivery)
    let lost = fixture.publish()
    await fixture.allFinished()
    fixture.define(event: "dead")
    let tired = fixture.publish { $0.deadLetterHops = Limits.deadLetterHopsMax }
    await fixture.allFinished()
    #expect(await fixture.letters().isEmpty)
    let last = fixture.publish { $0.deadLetterHops = Limits.deadLetterHopsMax - 1 }
    await fixture.allFinished()
    #expect([lost, tired, last].map { fixture.states($0) } == [[.failed], [.failed], [.failed]])
    #expect(await fixture.letters().map(\.trigger.deadLetterHops) == [Limits.deadLetterHopsMax])
  }
}

extension PoolFixture {
  fileprivate func letters() async -> [StoredTrigger] {
    let query = TriggerQuery(in: .default, event: "dead", limit: 10)
    return (try? await store.triggers(query).items) ?? []
  }
}
