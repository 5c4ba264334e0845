import EventCore
import Messages
import Testing

@testable import EventGateway

@Suite struct GroupServiceTests {
  @Test func `a group is created with its defaults shown, and read as it was`() async throws {
    try await DefinitionsFixture.run { gateway in
      let created = try await gateway.create("g") { $0.strategy = .sequence }
      #expect(created.onFailure == .stop)
      #expect(created.completion == .all)
      let read = try await gateway.group(named: "g")
      #expect(read.stamp.uid == created.stamp.uid && read.onFailure == .stop)
      #expect(try await gateway.groups(of: "").map(\.groupID) == ["g"])
      #expect(try await gateway.groups(of: "order.created").map(\.onFailure) == [.stop])
      #expect(try await gateway.groups(of: "other").isEmpty)
    }
  }

  @Test func `a default follows its strategy`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.create("g") { $0.strategy = .sequence }
      let parallel = try await gateway.update("g", "strategy") { $0.strategy = .parallel }
      #expect(parallel.onFailure == .continue)
      let oneOf = try await gateway.update("g", "strategy") { $0.strategy = .oneOf }
      #expect(oneOf.onFailure == nil)
    }
  }

  @Test func `the event must be there, and the fields fit the strategy`() async throws {
    try await DefinitionsFixture.run { gateway in
      let missing = try await refusal {
        try await gateway.create("g") { $0.event = "order.gone" }
      }
      #expect(missing?.reason == "EVENT_NOT_FOUND")
      let wrong = try await refusal {
        try await gateway.create("g") {
          ($0.strategy, $0.onFailure, $0.pipesOutput, $0.quorum) = (.oneOf, .stop, true, 3)
        }
      }
      #expect(wrong?.fields == ["group.on_failure", "group.pipe_output", "group.quorum"])
    }
  }

  @Test func `the same request is the same group`() async throws {
    try await DefinitionsFixture.run { gateway in
      let first = try await gateway.create("g", requestID: "once")
      let again = try await gateway.create("g", requestID: "once")
      #expect(first.stamp.uid == again.stamp.uid)
      let refused = try await refusal { try await gateway.create("g") }
      #expect(refused?.reason == "RESOURCE_EXISTS")
    }
  }

  @Test func `members subscribe to the group's event`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.event("order.paid")
      try await gateway.group("g")
      let other = try await refusal {
        try await gateway.subscribe("s", to: "order.paid") { $0.groupID = "g" }
      }
      #expect(other?.reason == "GROUP_MISMATCH")
      let pattern = try await refusal {
        try await gateway.subscribe("s", to: "order.*") { $0.groupID = "g" }
      }
      #expect(pattern?.fields == ["subscription.group"])
      let none = try await refusal { try await gateway.subscribe("s") { $0.groupID = "h" } }
      #expect(none?.reason == "GROUP_NOT_FOUND")
      let member = try await gateway.subscribe("s") { ($0.groupID, $0.order) = ("g", 3) }
      #expect((member.groupID, member.order, member.weight) == ("g", 3, 1))
    }
  }

  @Test func `a group has at most 32 members`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.group("g")
      for number in 1...Limits.groupMembersMax {
        try await gateway.subscribe("s\(number)") { $0.groupID = "g" }
      }
      let refused = try await refusal { try await gateway.subscribe("s") { $0.groupID = "g" } }
      #expect(refused?.reason == "QUOTA")
    }
  }

  @Test func `a group with members stays, and goes with its event when forced`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.group("g")
      try await gateway.subscribe("s") { $0.groupID = "g" }
      let used = try await refusal { try await gateway.delete(group: "g") }
      #expect(used?.reason == "IN_USE")
      let unforced = try await refusal { try await gateway.delete(event: "order.created") }
      #expect(unforced?.reason == "IN_USE")
      try await gateway.delete(event: "order.created", force: true)
      let gone = try await refusal { _ = try await gateway.group(named: "g") }
      #expect(gone?.reason == "GROUP_NOT_FOUND")
    }
  }

  @Test func `an empty group is deleted`() async throws {
    try await DefinitionsFixture.run { gateway in
      try await gateway.group("g")
      try await gateway.delete(group: "g")
      #expect(try await gateway.groups(of: "").isEmpty)
    }
  }
}

extension DefinitionsFixture {
  @discardableResult
  fileprivate func create(
    _ id: String, requestID: String = "", _ change: (inout SubscriptionGroup) -> Void = { _ in }
  ) async throws -> SubscriptionGroup {
    var request = CreateSubscriptionGroupRequest()
    (request.group.groupID, request.group.event) = (id, "order.created")
    request.requestID = requestID
    change(&request.group)
    return try await client.call("SubscriptionService/CreateSubscriptionGroup", request)
  }

  fileprivate func update(
    _ id: String, _ path: String, _ change: (inout SubscriptionGroup) -> Void
  ) async throws -> SubscriptionGroup {
    var request = UpdateSubscriptionGroupRequest()
    request.group.groupID = id
    change(&request.group)
    var mask = FieldMask()
    mask.paths = [path]
    request.updateMask = mask
    return try await client.call("SubscriptionService/UpdateSubscriptionGroup", request)
  }

  fileprivate func group(named id: String) async throws -> SubscriptionGroup {
    var request = GetSubscriptionGroupRequest()
    request.groupID = id
    return try await client.call("SubscriptionService/GetSubscriptionGroup", request)
  }

  fileprivate func groups(of event: String) async throws -> [SubscriptionGroup] {
    var request = ListSubscriptionGroupsRequest()
    request.event = event
    let page = try await client.call(
      "SubscriptionService/ListSubscriptionGroups", request,
      as: ListSubscriptionGroupsResponse.self)
    return page.groups
  }

  fileprivate func delete(group id: String) async throws {
    var request = DeleteSubscriptionGroupRequest()
    request.groupID = id
    _ = try await client.call(
      "SubscriptionService/DeleteSubscriptionGroup", request, as: Empty.self)
  }

  fileprivate func delete(event name: String, force: Bool = false) async throws {
    var request = DeleteEventRequest()
    (request.event, request.force) = (name, force)
    _ = try await client.call("EventService/DeleteEvent", request, as: Empty.self)
  }
}
