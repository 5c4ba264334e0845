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

  /// Gives the event `a` a schema, as an update does.
  private func setSchema(
    _ definition: String, _ fixture: GatewayFixture,
    _ enforcement: PayloadSchema.Enforcement = .enforce
  ) async throws {
    var request = UpdateEventRequest()
    request.event.event = "a"
    var schema = PayloadSchema()
    (schema.definition, schema.enforcement) = (definition, enforcement)
    request.event.schema = schema
    _ = try await fixture.client.call("EventService/UpdateEvent", request, as: Event.self)
  }

  private func violationCount(_ fixture: GatewayFixture) async throws -> UInt64 {
    var request = GetEventRequest()
    request.event = "a"
    let event: Event = try await fixture.client.call("EventService/GetEvent", request)
    return event.schemaViolationCount
  }

  @Test func `a schema has its violations, and none of them is counted`() async throws {
    try await GatewayFixture.run { fixture in
      #expect(try await explain(fixture).schema == nil)
      try await setSchema(
        #"{"properties":{"total":{"minimum":5},"to":{"type":"string"}},"required":["to"]}"#, fixture
      )
      let schema = try #require(try await explain(fixture).schema)
      #expect((schema.revision, schema.enforcement, schema.isRefused) == (1, .enforce, true))
      #expect(schema.violations.map(\.instanceLocation).sorted() == ["", "/total"])
      #expect(schema.violations.contains { $0.keywordLocation == "/properties/total/minimum" })
      let satisfied = try await explain(fixture) { request in
        var content = TriggerContent()
        content.event = "a"
        content.payload.data = Array(#"{"total":5,"to":"x"}"#.utf8)
        request.subject = .content(content)
      }
      #expect(satisfied.schema?.violations.isEmpty == true)
      #expect(satisfied.schema?.isRefused == false)
      #expect(satisfied.cloudEvent.contains(#""data":{"total":5,"to":"x"}"#))
      #expect(try await violationCount(fixture) == 0)
    }
  }

  @Test(arguments: [PayloadSchema.Enforcement.off, .audit])
  func `what is not enforced is said and not refused`(
    enforcement: PayloadSchema.Enforcement
  ) async throws {
    try await GatewayFixture.run { fixture in
      try await setSchema(#"{"maxProperties":0}"#, fixture, enforcement)
      let schema = try #require(try await explain(fixture).schema)
      #expect(schema.enforcement == enforcement)
      #expect(schema.violations.map(\.keywordLocation) == ["/maxProperties"])
      #expect(!schema.isRefused)
      #expect(try await violationCount(fixture) == 0)
    }
  }

  @Test func `a payload that is no JSON has one violation, of the whole`() async throws {
    try await GatewayFixture.run { fixture in
      try await setSchema("{}", fixture)
      for (data, type) in [("{", "application/json"), ("{}", "text/plain")] {
        let answer = try await explain(fixture) { request in
          var content = TriggerContent()
          content.event = "a"
          content.payload = Payload(data: Array(data.utf8), dataType: type)
          request.subject = .content(content)
        }
        let schema = try #require(answer.schema)
        #expect(schema.isRefused)
        #expect(schema.violations.map(\.instanceLocation) == [""])
        #expect(schema.violations.first?.description.contains("JSON") == true)
      }
    }
  }

  @Test func `a stored trigger is held against the schema as it is now`() async throws {
    try await GatewayFixture.run { fixture in
      try await setSchema(#"{"type":"object"}"#, fixture)
      let id = try await fixture.emit { $0.payload.data = Array(#"{"total":3}"#.utf8) }
      let before = try await explain(fixture) { $0.subject = .triggerID(id) }
      #expect(before.schema?.violations.isEmpty == true)
      try await setSchema(#"{"required":["to"]}"#, fixture)
      let after = try #require(
        try await explain(fixture) { $0.subject = .triggerID(id) }.schema)
      #expect((after.revision, after.isRefused) == (2, true))
      #expect(after.violations.map(\.keywordLocation) == ["/required"])
    }
  }

  @Test func `of many violations 20 are shown`() async throws {
    try await GatewayFixture.run { fixture in
      try await setSchema(#"{"items":{"type":"string"}}"#, fixture)
      let answer = try await explain(fixture) { request in
        var content = TriggerContent()
        content.event = "a"
        content.payload.data = Array("[\((1...50).map(String.init).joined(separator: ","))]".utf8)
        request.subject = .content(content)
      }
      #expect(answer.schema?.violations.count == 20)
    }
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
      try await setSchema("{}", fixture)
      let first = try await explain(fixture) { $0.page.size = 1 }
      #expect(first.schema != nil)
      #expect(first.subscriptions.map(\.subscriptionID) == ["s"])
      #expect(first.matchCount == 2)
      let second = try await explain(fixture) { $0.page.token = first.nextPageToken }
      #expect(second.subscriptions.map(\.subscriptionID) == ["t"])
      #expect((second.matchCount, second.cloudEvent, second.nextPageToken) == (0, "", ""))
      #expect(second.schema == nil)
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
