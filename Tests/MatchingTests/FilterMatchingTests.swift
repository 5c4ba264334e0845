import EventCore
import Matching
import Testing

/// Filters and transforms as the catalog applies them to triggers.
@Suite struct FilterMatchingTests {
  private let catalog = Catalog()

  init() {
    var event = Event()
    event.event = "order.created"
    catalog.apply(.put(.event(event), .default))
  }

  private func subscribe(_ id: String, _ filter: SubscriptionFilter?) {
    var subscription = Subscription.to("order.*", id: id)
    subscription.filter = filter
    catalog.apply(.put(.subscription(subscription), .default))
  }

  private func trigger(_ data: String, type: String = "application/json") -> Trigger {
    var trigger = Trigger()
    trigger.event = "order.created"
    trigger.metadata = ["region": "eu-west", "Not-an-attribute": "x"]
    trigger.payload = Payload(data: Array(data.utf8), dataType: type)
    return trigger
  }

  private func matching(_ trigger: Trigger) -> [String] {
    catalog.match(trigger)?.subscriptions.map(\.subscriptionID) ?? []
  }

  @Test func `a pattern sees attributes, metadata and the payload`() {
    subscribe("all", nil)
    subscribe("large", .init(.pattern, #"{"data": {"total": [{"numeric": [">", 100]}]}}"#))
    subscribe("eu", .init(.pattern, #"{"region": [{"prefix": "eu-"}], "type": ["order.created"]}"#))
    subscribe("odd", .init(.pattern, #"{"metadata": {"Not-an-attribute": ["x"]}}"#))
    #expect(matching(trigger(#"{"total": 101}"#)) == ["all", "eu", "large", "odd"])
    #expect(matching(trigger(#"{"total": 100}"#)) == ["all", "eu", "odd"])
  }

  @Test func `a payload that is no JSON is text to a pattern`() {
    subscribe("text", .init(.pattern, #"{"data": ["hello"]}"#))
    #expect(matching(trigger("hello", type: "text/plain")) == ["text"])
    #expect(matching(trigger("hello")) == ["text"])
    #expect(matching(trigger(#""hello""#)) == ["text"])
    #expect(matching(trigger("hello", type: "application/octet-stream")) == [])
  }

  @Test func `a filter that can't be evaluated matches nothing and is counted`() {
    subscribe("broken", .init(.pattern, "{"))
    #expect(matching(trigger("{}")) == [])
    let errors = catalog.compiled("broken", in: .default)?.filterErrors
    #expect(errors?.count == 1 && errors?.last.contains("line 1") == true)
  }

  @Test func `a transform makes JSON of attributes and payload`() throws {
    var subscription = Subscription.to("order.*", id: "s")
    subscription.transform = PayloadTransform(#"{"id": "${/data/id}", "by": "${/type}!"}"#)
    let compiled = CompiledSubscription(subscription)
    let trigger = trigger(#"{"id": 7}"#)
    let payload = try #require(compiled.transformed(trigger.payload, of: trigger))
    #expect(String(decoding: payload.data, as: UTF8.self) == #"{"id":7,"by":"order.created!"}"#)
    #expect(payload.dataType == "application/json")
  }

  @Test func `what can't be compiled is refused with line and column`() {
    var subscription = Subscription.to("order.*", id: "s")
    subscription.filter = .init(.pattern, "{\n \"type\": [}")
    let filter = #expect(throws: GatewayError.self) { try subscription.checkExpressions("s") }
    #expect(filter?.reason == .filterInvalid)
    #expect(filter?.violations.first?.field == "s.filter.pattern")
    #expect(filter?.violations.first?.problem.contains("(line 2, column ") == true)
    subscription.filter = nil
    subscription.transform = PayloadTransform(#"{"a": "${x}"}"#)
    let template = #expect(throws: GatewayError.self) { try subscription.checkExpressions("s") }
    #expect(template?.reason == .templateInvalid)
  }
}
