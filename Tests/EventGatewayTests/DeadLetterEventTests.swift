import EventCore
import Messages
import Testing

@testable import EventGateway

@Suite struct DeadLetterEventTests {
  private static let field = "subscription.delivery.dead_letter_event"

  @Test func `a dead-letter event must be there when it is written`() async throws {
    try await DefinitionsFixture.run { gateway in
      let refused = try await refusal {
        try await gateway.subscribe("s") { $0.delivery.deadLetterEvent = "order.dead" }
      }
      #expect(refused?.reason == "EVENT_NOT_FOUND")
      try await gateway.event("order.dead")
      let created = try await gateway.subscribe("s") { $0.delivery.deadLetterEvent = "order.dead" }
      #expect(created.delivery.deadLetterEvent == "order.dead")
    }
  }

  @Test func `a dead letter does not come back to its own event`() async throws {
    try await DefinitionsFixture.run { gateway in
      let refused = try await refusal {
        try await gateway.subscribe("s") { $0.delivery.deadLetterEvent = "order.created" }
      }
      #expect(refused?.fields == [Self.field])
      try await gateway.subscribe("s")
      let later = try await refusal {
        _ = try await gateway.update("s") { $0.delivery.deadLetterEvent = "order.created" }
      }
      #expect(later?.fields == [Self.field])
    }
  }

  @Test func `one that is gone meanwhile stands in nobody's way`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.event("order.dead")
      try await gateway.subscribe("s") { $0.delivery.deadLetterEvent = "order.dead" }
      var request = DeleteEventRequest()
      request.event = "order.dead"
      _ = try await gateway.client.call("EventService/DeleteEvent", request, as: Empty.self)
      let updated = try await gateway.update("s") {
        $0.delivery.deadLetterEvent = "order.dead"
        $0.delivery.maxAttempts = 7
      }
      #expect(updated.delivery.maxAttempts == 7)
      let refused = try await refusal {
        _ = try await gateway.update("s") { $0.delivery.deadLetterEvent = "order.other" }
      }
      #expect(refused?.reason == "EVENT_NOT_FOUND")
    }
  }
}

extension DefinitionsFixture {
  fileprivate func update(
    _ id: String, _ change: (inout Subscription) -> Void
  ) async throws -> Subscription {
    var request = UpdateSubscriptionRequest()
    request.subscription.subscriptionID = id
    change(&request.subscription)
    return try await client.call("SubscriptionService/UpdateSubscription", request)
  }
}
