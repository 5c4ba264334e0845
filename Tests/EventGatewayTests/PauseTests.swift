import EventCore
import GRPC
import MemoryStore
import Messages
import Testing

@testable import EventGateway

@Suite struct PauseTests {
  @Test func `a subscription is paused with a reason, and resumed without one`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.subscribe("s")
      let paused = try await gateway.pause("s", "the shop is closed")
      #expect(paused.isPaused && paused.stateReason == "the shop is closed")
      #expect(try await gateway.subscription("s").isPaused)
      let hints = gateway.upkeepHints
      let resumed = try await gateway.resume("s")
      #expect(!resumed.isPaused && resumed.stateReason == "")
      #expect(gateway.upkeepHints > hints)
    }
  }

  @Test func `pausing again changes the reason only, and nothing if it is the same`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.subscribe("s")
      let first = try await gateway.pause("s", "one")
      let same = try await gateway.pause("s", "one")
      #expect(same.stamp.revision == first.stamp.revision)
      let second = try await gateway.pause("s", "two")
      #expect(second.isPaused && second.stateReason == "two")
      #expect(second.stamp.revision == first.stamp.revision + 1)
    }
  }

  @Test func `resuming what is not paused changes nothing`() async throws {
    try await DefinitionsFixture.run { gateway in
      let created = try await gateway.subscribe("s")
      #expect(try await gateway.resume("s").stamp.revision == created.stamp.revision)
    }
  }

  @Test func `an etag that is not current pauses nothing`() async throws {
    try await DefinitionsFixture.run { gateway in
      let created = try await gateway.subscribe("s")
      let paused = try await gateway.pause("s", "one", etag: created.stamp.etag)
      #expect(paused.isPaused)
      let refused = try await refusal {
        _ = try await gateway.pause("s", "two", etag: created.stamp.etag)
      }
      #expect(refused?.reason == "ETAG_MISMATCH")
      #expect(try await gateway.subscription("s").stateReason == "one")
    }
  }

  @Test func `a reason has a limit`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.subscribe("s")
      let most = String(repeating: "x", count: Limits.stateReasonBytesMax)
      #expect(try await gateway.pause("s", most).stateReason == most)
      let refused = try await refusal { _ = try await gateway.pause("s", most + "x") }
      #expect(refused?.fields == ["reason"])
    }
  }

  @Test func `what is not there can't be paused`() async throws {
    try await DefinitionsFixture.run { gateway in
      let refused = try await refusal { _ = try await gateway.pause("nope") }
      #expect(refused?.reason == "SUBSCRIPTION_NOT_FOUND")
    }
  }

  @Test func `a client can't create a paused subscription, nor resume one by an update`()
    async throws
  {
    try await DefinitionsFixture.run { gateway in
      let created = try await gateway.subscribe("s") {
        ($0.isPaused, $0.stateReason) = (true, "made up")
      }
      #expect(!created.isPaused && created.stateReason == "")
      _ = try await gateway.pause("s", "closed")
      var request = UpdateSubscriptionRequest()
      request.subscription.subscriptionID = "s"
      request.subscription.metadata = ["a": "b"]
      let updated = try await gateway.client.call(
        "SubscriptionService/UpdateSubscription", request, as: Subscription.self)
      #expect(updated.isPaused && updated.stateReason == "closed")
      #expect(updated.metadata == ["a": "b"])
    }
  }

  @Test func `a managed subscription stays paused when its event gets another function`()
    async throws
  {
    try await DefinitionsFixture.run { gateway in
      try await gateway.setFunction("f")
      _ = try await gateway.pause("managed.order.created", "closed")
      var function = Function()
      function.functionID = "g"
      _ = try await gateway.store.commit(
        DefinitionTransaction(in: .default, [.create(.function(function))]))
      try await gateway.setFunction("g")
      let managed = try await gateway.subscription("managed.order.created")
      #expect(managed.functionID == "g")
      #expect(managed.isPaused && managed.stateReason == "closed")
      #expect(managed.isManaged)
      #expect(try await !gateway.resume("managed.order.created").isPaused)
    }
  }
}

extension DefinitionsFixture {
  fileprivate func setFunction(_ id: String) async throws {
    var request = UpdateEventRequest()
    (request.event.event, request.event.functionID) = ("order.created", id)
    _ = try await client.call("EventService/UpdateEvent", request, as: Event.self)
  }
}
