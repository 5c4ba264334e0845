import EventCore
import Testing

@Suite struct DefinitionTests {
  @Test func `a subscription refers to its function and to its event`() {
    #expect(
      Definition.subscription(.to("e", id: "s")).references
        == [.init(.function, "f"), .init(.event, "e")])
  }

  @Test func `a pattern is referred to, but need not exist`() {
    let references = Definition.subscription(.to("e.*", id: "s")).references
    #expect(references == [.init(.function, "f"), .init(.event, "e.*")])
    #expect(references.map(\.isPattern) == [false, true])
  }

  @Test func `an event refers to its function if it has one`() {
    var event = Event()
    event.event = "e"
    #expect(Definition.event(event).references == [])
    event.functionID = "f"
    #expect(Definition.event(event).references == [.init(.function, "f")])
  }

  @Test func `an etag changes with every update and with a new creation`() {
    let now = Timestamp.now()
    let first = ResourceStamp(createdAt: now)
    let second = first.updated(at: now)
    let again = ResourceStamp(createdAt: now)
    #expect(Set([first.etag, second.etag, again.etag]).count == 3)
    #expect(ResourceStamp().etag == "")
  }

  @Test func `an update's time never goes back`() {
    let first = ResourceStamp(createdAt: Timestamp(nanoseconds: 100))
    let second = first.updated(at: Timestamp(nanoseconds: 50))
    #expect(second.updateTime == Timestamp(nanoseconds: 100))
    #expect(second.revision == 2)
    #expect(second.uid == first.uid)
  }

  @Test func `a trigger is the same request if the client sent the same`() {
    var first = Trigger()
    first.event = "e"
    first.payload = Payload(data: [1], dataType: "a/b")
    var second = first
    second.triggerID = UniqueID(at: .now())
    second.receivedAt = .now()
    second.eventRevision = 9
    #expect(first.isSameRequest(as: second))
    second.payload.dataType = "a/c"
    #expect(!first.isSameRequest(as: second))
  }

  @Test func `a request that leaves the payload to the event is the same under new defaults`() {
    func trigger(_ data: [UInt8], eventData: [UInt8], type: String) -> Trigger {
      var event = Event()
      (event.data, event.dataType) = (eventData, type)
      var trigger = Trigger()
      trigger.payload.data = data
      trigger.complete(from: event)
      return trigger
    }
    let first = trigger([], eventData: [1], type: "a/b")
    #expect(first.payload == Payload(data: [1], dataType: "a/b"))
    #expect(first.isSameRequest(as: trigger([], eventData: [2], type: "")))
    #expect(first.isSameRequest(as: trigger([1], eventData: [], type: "a/b")))
    #expect(!first.isSameRequest(as: trigger([3], eventData: [1], type: "a/b")))
  }
}

extension Subscription {
  static func to(_ event: String, id: String) -> Subscription {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = "f"
    return subscription
  }
}
