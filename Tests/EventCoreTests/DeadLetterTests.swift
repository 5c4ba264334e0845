import EventCore
import Testing

@Suite struct DeadLetterTests {
  private let now = Timestamp(nanoseconds: 9_000_000_000)

  private let trigger: Trigger = {
    var trigger = Trigger()
    trigger.triggerID = UniqueID(at: Timestamp(nanoseconds: 0))
    trigger.organization = Organization(unchecked: "other")
    trigger.event = "order.created"
    trigger.payload = Payload(data: [1, 2], dataType: "a/b")
    trigger.metadata = ["tenant": "7"]
    trigger.source = "/shop"
    trigger.requestID = "r"
    trigger.orderingKey = "k"
    return trigger
  }()

  private func failed(_ message: String = "busy") -> Invocation {
    var attempt = Attempt()
    attempt.number = 3
    var invocation = Invocation()
    invocation.id = InvocationID(triggerID: trigger.triggerID, ordinal: 4)
    invocation.subscriptionID = "s"
    invocation.functionID = "f"
    invocation.attempts = [attempt]
    invocation.state = .failed
    invocation.error = InvocationError(.function, code: "HTTP_503", message: message)
    return invocation
  }

  private func letter(of trigger: Trigger, _ invocation: Invocation) throws -> Trigger {
    try #require(DeadLetter.trigger(of: invocation, trigger, to: "dead", at: now))
  }

  @Test func `it carries the payload on, and says what happened`() throws {
    let letter = try letter(of: trigger, failed())
    #expect(letter.event == "dead")
    #expect(letter.organization == trigger.organization)
    #expect(letter.payload == trigger.payload)
    #expect(letter.source == "/shop")
    #expect(letter.receivedAt == now)
    #expect(letter.triggerID != trigger.triggerID)
    #expect(letter.deadLetterHops == 1)
    #expect(
      letter.metadata == [
        "tenant": "7",
        "dead-letter-event": "order.created",
        "dead-letter-trigger-id": trigger.triggerID.description,
        "dead-letter-invocation-id": "\(trigger.triggerID).4",
        "dead-letter-subscription-id": "s",
        "dead-letter-function-id": "f",
        "dead-letter-attempts": "3",
        "dead-letter-error-code": "HTTP_503",
        "dead-letter-error-message": "busy",
      ])
  }

  @Test func `it is no repeated request and waits for no key`() throws {
    let letter = try letter(of: trigger, failed())
    #expect(letter.requestID.isEmpty)
    #expect(letter.orderingKey.isEmpty)
  }

  @Test func `the chain of dead letters ends`() throws {
    var last = trigger
    last.deadLetterHops = Limits.deadLetterHopsMax - 1
    let letter = try letter(of: last, failed())
    #expect(letter.deadLetterHops == Limits.deadLetterHopsMax)
    #expect(DeadLetter.trigger(of: failed(), letter, to: "dead", at: now) == nil)
  }

  @Test func `its metadata is what a trigger may have`() throws {
    var full = trigger
    for number in 0..<Limits.metadataPairsMax {
      full.metadata["k\(number)"] = String(repeating: "v", count: 200)
    }
    full.metadata["tenant"] = nil
    let long = String(repeating: "é", count: Limits.errorMessageBytesMax / 2)
    let letter = try letter(of: full, failed(long))
    #expect(letter.check().violations.isEmpty)
    #expect(letter.metadata.count == Limits.metadataPairsMax)
    #expect(letter.metadata["dead-letter-error-message"]?.isEmpty == false)
  }

  @Test func `metadata of many bytes is left out, what happened is not`() throws {
    var full = trigger
    full.metadata = [:]
    for number in 0..<16 {
      full.metadata["k\(number)"] = String(repeating: "v", count: Limits.metadataValueBytesMax - 3)
    }
    let letter = try letter(of: full, failed())
    #expect(letter.check().violations.isEmpty)
    #expect(letter.metadata["dead-letter-event"] == "order.created")
  }

  @Test func `a second dead letter replaces what the first one said`() throws {
    var second = try letter(of: trigger, failed())
    second.event = "dead"
    let letter = try letter(of: second, failed())
    #expect(letter.metadata["dead-letter-event"] == "dead")
    #expect(letter.metadata["tenant"] == "7")
  }
}
