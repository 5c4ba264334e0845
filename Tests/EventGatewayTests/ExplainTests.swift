import EventCore
import Messages
import Testing

@testable import EventGateway

@Suite struct ExplainTests {
  private func explain(
    _ fixture: GatewayFixture, _ change: (inout ExplainTriggerRequest) -> Void = { _ in }
  ) async throws -> ExplainTriggerResponse {
    var content = TriggerContent()
    content.event = "a"
    content.payload = Payload(data: Array(#"{"total":3}"#.utf8), dataType: "application/json")
    var request = ExplainTriggerRequest()
    request.subject = .content(content)
    change(&request)
    return try await fixture.client.call("TriggerService/ExplainTrigger", request)
  }

  private func subscribe(
    _ id: String, _ fixture: GatewayFixture, _ change: (inout Subscription) -> Void = { _ in }
  ) async throws {
    var request = CreateSubscriptionRequest()
    request.subscription.subscriptionID = id
    (request.subscription.event, request.subscription.functionID) = ("a", "f")
    change(&request.subscription)
    _ = try await fixture.client.call(
      "SubscriptionService/CreateSubscription", request, as: Subscription.self)
  }

  @Test func `each subscription has its outcome, in the order of ids`() async throws {
    try await GatewayFixture.run { fixture in
      try await subscribe("p", fixture) { $0.filter = .init(.sql, "type = 'b'") }
      try await subscribe("q", fixture) { $0.event = "b.*" }
      try await subscribe("r", fixture) { $0.filter = .init(.sql, "nope > 1") }
      try await subscribe("t", fixture) { $0.transform = .init(#"{"n":"${/data/total}"}"#) }
      let answer = try await explain(fixture)
      #expect(answer.subscriptions.map(\.subscriptionID) == ["p", "q", "r", "s", "t"])
      #expect(
        answer.subscriptions.map(\.outcome)
          == [.filtered, .otherEvent, .filterError, .match, .match])
      #expect(answer.subscriptions[0].clause != "")
      #expect(answer.subscriptions[4].data == Array(#"{"n":3}"#.utf8))
      #expect(answer.matchCount == 2)
      #expect(answer.cloudEvent.contains(#""data":{"total":3}"#))
      var request = GetSubscriptionRequest()
      request.subscriptionID = "r"
      let shown: Subscription = try await fixture.client.call(
        "SubscriptionService/GetSubscription", request)
      #expect(shown.filterErrorCount == 0)
      _ = try await fixture.emit()
      let counted: Subscription = try await fixture.client.call(
        "SubscriptionService/GetSubscription", request)
      #expect(counted.filterErrorCount == 1)
    }
  }

  @Test func `pages follow each other, and only the first has the rest`() async throws {
    try await GatewayFixture.run { fixture in
      try await subscribe("t", fixture)
      let first = try await explain(fixture) { $0.page.size = 1 }
      #expect(first.subscriptions.map(\.subscriptionID) == ["s"])
      #expect(first.matchCount == 2)
      let second = try await explain(fixture) { $0.page.token = first.nextPageToken }
      #expect(second.subscriptions.map(\.subscriptionID) == ["t"])
      #expect((second.matchCount, second.cloudEvent, second.nextPageToken) == (0, "", ""))
    }
  }

  @Test func `a stored trigger is explained by what is there now`() async throws {
    try await GatewayFixture.run { fixture in
      let id = try await fixture.emit()
      try await subscribe("t", fixture)
      let answer = try await explain(fixture) {
        $0.subject = .triggerID(id)
        $0.subscriptionID = "t"
      }
      #expect(answer.subscriptions.map(\.outcome) == [.match])
    }
  }

  @Test func `what is not there is refused`() async throws {
    try await GatewayFixture.run { fixture in
      let trigger = try await refusal {
        _ = try await explain(fixture) { $0.subject = .triggerID("nope") }
      }
      #expect(trigger?.reason == "TRIGGER_NOT_FOUND")
      let subscription = try await refusal {
        _ = try await explain(fixture) { $0.subscriptionID = "nope" }
      }
      #expect(subscription?.reason == "SUBSCRIPTION_NOT_FOUND")
    }
  }
}
