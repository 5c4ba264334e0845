import EventCore
import Matching
import Testing

@Suite struct CatalogTests {
  private let catalog = Catalog()
  private let other = Organization(unchecked: "other")

  private func match(_ event: String, in organization: Organization) -> EventMatch? {
    var trigger = Trigger()
    (trigger.event, trigger.organization) = (event, organization)
    return catalog.match(trigger)
  }

  @Test func `it holds what it was told`() {
    catalog.apply(.put(.event(event("e")), .default))
    catalog.apply(.put(.function(function("f")), .default))
    catalog.apply(.put(.subscription(.to("e", id: "s")), .default))
    #expect(catalog.event("e", in: .default) == event("e"))
    #expect(catalog.function("f", in: .default) == function("f"))
    #expect(catalog.subscription("s", in: .default) == .to("e", id: "s"))
    #expect(catalog.event("f", in: .default) == nil)
  }

  @Test func `it forgets what was deleted`() {
    for definition in [
      Definition.event(event("x")), .function(function("x")), .subscription(.to("x", id: "x")),
    ] {
      catalog.apply(.put(definition, .default))
      catalog.apply(.deleted(definition.key, .default))
    }
    #expect(catalog.event("x", in: .default) == nil)
    #expect(catalog.function("x", in: .default) == nil)
    #expect(catalog.subscription("x", in: .default) == nil)
    catalog.apply(.put(.event(event("x")), .default))
    #expect(match("x", in: .default)?.subscriptions == [])
  }

  @Test func `an event matches the subscriptions to its name and to patterns`() {
    catalog.apply(.put(.event(event("a.b")), .default))
    catalog.apply(.put(.subscription(.to("a.*", id: "p")), .default))
    catalog.apply(.put(.subscription(.to("a.b", id: "n")), .default))
    catalog.apply(.put(.subscription(.to("a.c", id: "z")), .default))
    #expect(match("a.b", in: .default)?.subscriptions.map(\.subscriptionID) == ["n", "p"])
  }

  @Test func `what is no event matches nothing`() {
    catalog.apply(.put(.subscription(.to("**", id: "s")), .default))
    #expect(match("a", in: .default) == nil)
  }

  @Test func `a subscription that moves to another event leaves the old one`() {
    catalog.apply(.put(.event(event("a")), .default))
    catalog.apply(.put(.event(event("b")), .default))
    catalog.apply(.put(.subscription(.to("a", id: "s")), .default))
    catalog.apply(.put(.subscription(.to("b", id: "s")), .default))
    #expect(match("a", in: .default)?.subscriptions == [])
    #expect(match("b", in: .default)?.subscriptions.map(\.subscriptionID) == ["s"])
  }

  @Test func `organizations see nothing of each other`() {
    catalog.apply(.put(.event(event("a")), .default))
    catalog.apply(.put(.event(event("a")), other))
    catalog.apply(.put(.subscription(.to("**", id: "s")), other))
    #expect(match("a", in: .default)?.subscriptions == [])
    #expect(match("a", in: other)?.subscriptions.count == 1)
    catalog.apply(.deleted(.init(.event, "a"), other))
    #expect(catalog.event("a", in: .default) != nil)
  }

  private func event(_ name: String) -> Event {
    var event = Event()
    event.event = name
    return event
  }

  private func function(_ id: String) -> Function {
    var function = Function()
    function.functionID = id
    return function
  }

  @Test func `a match brings the groups of those who match`() {
    for id in ["g", "unused"] {
      var group = SubscriptionGroup()
      group.groupID = id
      group.event = "e"
      catalog.apply(.put(.group(group), .default))
    }
    var event = Event()
    event.event = "e"
    catalog.apply(.put(.event(event), .default))
    var member = Subscription()
    (member.subscriptionID, member.event, member.groupID) = ("s", "e", "g")
    catalog.apply(.put(.subscription(member), .default))
    #expect(match("e", in: .default)?.groups.map(\.groupID) == ["g"])
    catalog.apply(.deleted(.init(.group, "g"), .default))
    #expect(match("e", in: .default)?.groups.isEmpty == true)
  }
}
