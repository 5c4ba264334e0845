import EventCore
import GRPC
import MemoryStore
import Messages
import Testing

@testable import EventGateway

/// EmitCloudEvents against a real server.
@Suite struct EmitCloudEventsTests {
  private func emit(
    _ fixture: GatewayFixture, _ events: [CloudEventMessage]
  ) async throws -> [EmitResult?] {
    var batch = CloudEventBatch()
    batch.events = events
    let answer = try await fixture.client.call(
      "TriggerService/EmitCloudEvents", batch, as: EmitCloudEventsResponse.self)
    return answer.results.map(\.result)
  }

  private func accepted(_ result: EmitResult?) throws -> EmitEventResponse {
    guard case .accepted(let answer)? = result else {
      throw Refused(reason: reason(result) ?? "no result")
    }
    return answer
  }

  private struct Refused: Error {
    let reason: String
  }

  private func reason(_ result: EmitResult?) -> String? {
    detail(result, "ErrorInfo", as: ErrorInfo.self)?.reason
  }

  private func fields(_ result: EmitResult?) -> [String] {
    detail(result, "BadRequest", as: BadRequest.self)?.violations.map(\.field) ?? []
  }

  private func detail<M: WireMessage>(
    _ result: EmitResult?, _ name: String, as type: M.Type
  ) -> M? {
    guard case .error(let status)? = result else { return nil }
    return status.details.lazy.compactMap { $0.unpacked(name, as: type) }.first
  }

  private func trigger(_ id: String, _ fixture: GatewayFixture) async throws -> Trigger {
    let id = try #require(UniqueID(id))
    return try #require(try await fixture.store.trigger(id, in: .default)).trigger
  }

  @Test func `each event of a batch has its result, in the batch's order`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let results = try await emit(
        fixture,
        [
          .sample("1"), .sample("2") { $0.type = "nope" }, .sample(""), .sample("3"),
          .sample("4", ["time": .boolean(true)]),
          .sample("5", ["ext": .string(String(repeating: "x", count: 1_025))]),
          .sample("6") { $0.data = .binary([UInt8](repeating: 0, count: (1 << 20) + 1)) },
          .sample("7", Dictionary(uniqueKeysWithValues: (0...64).map { ("x\($0)", .integer(1)) })),
        ])
      #expect(results.count == 8)
      let first = try await trigger(accepted(results[0]).triggerID, fixture)
      #expect(first.cloudEventID == "1" && first.source == "/shop")
      #expect(try accepted(results[0]).invocationCount == 1)
      #expect(try await trigger(accepted(results[3]).triggerID, fixture).cloudEventID == "3")
      #expect(reason(results[1]) == "EVENT_NOT_FOUND")
      let invalid = results.indices.filter { reason(results[$0]) == "FIELD_INVALID" }
      #expect(invalid == [2, 4, 5, 6, 7])
      #expect(
        results[2...].map(fields) == [
          ["events[2].id"], [], ["events[4].attributes[time]"], ["events[5].attributes[ext]"],
          ["events[6].data"], ["events[7].attributes"],
        ])
    }
  }

  @Test func `the same source and id is the same trigger`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let event = CloudEventMessage.sample("1") { $0.data = .text("x") }
      let first = try accepted(try await emit(fixture, [event])[0])
      #expect(!first.isDuplicate)
      let again = try await emit(
        fixture, [event, .sample("1") { $0.data = .text("y") }, .sample("2")])
      let second = try accepted(again[0])
      #expect(second.triggerID == first.triggerID && second.isDuplicate)
      #expect(reason(again[1]) == "EVENT_ID_CONFLICT")
      #expect(detail(again[1], "ResourceInfo", as: ResourceName.self)?.name == first.triggerID)
      #expect(try accepted(again[2]).triggerID != first.triggerID)
    }
  }

  @Test func `an event that is in a batch twice is accepted once`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let results = try await emit(fixture, [.sample("1"), .sample("1"), .sample("1")])
        .map { try accepted($0) }
      #expect(Set(results.map(\.triggerID)).count == 1)
      #expect(results.map(\.isDuplicate) == [false, true, true])
    }
  }

  @Test func `the events of a partition key are accepted in the batch's order`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let events = (0..<200).map {
        CloudEventMessage.sample("\($0)", ["partitionkey": .string("k\($0 % 2)")])
      }
      let results = try await emit(fixture, events).map { try accepted($0) }
      #expect(Set(results.map(\.triggerID)).count == events.count)
      var query = TriggerQuery(in: .default, limit: 1_000)
      query.isOldestFirst = true
      let stored = try await fixture.store.triggers(query).items.map(\.trigger)
      for key in ["k0", "k1"] {
        let ids = stored.filter { $0.orderingKey == key }.compactMap { Int($0.cloudEventID) }
        #expect(ids == ids.sorted() && ids.count == 100)
      }
    }
  }

  @Test func `a type that is missing is the event's, or else the data's`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      var event = Event()
      (event.event, event.dataType) = ("typed", "application/json")
      _ = try await fixture.store.commit(
        DefinitionTransaction(in: .default, [.create(.event(event))]))
      let results = try await emit(
        fixture,
        [
          .sample("1") { $0.data = .text("{}") }, .sample("2") { $0.data = .binary([1]) },
          .sample("3") { ($0.type, $0.data) = ("typed", .text("{}")) },
        ])
      var types: [String] = []
      for result in results {
        types.append(try await trigger(accepted(result).triggerID, fixture).payload.dataType)
      }
      #expect(
        types == ["text/plain; charset=utf-8", "application/octet-stream", "application/json"])
    }
  }

  @Test func `a batch may be empty or full, and one more is refused as a whole`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      #expect(try await emit(fixture, []).isEmpty)
      var events = (0..<Limits.cloudEventsPerBatchMax).map { CloudEventMessage.sample("\($0)") }
      let results = try await emit(fixture, events)
      #expect(results.count == events.count)
      for result in results { _ = try accepted(result) }
      events.append(.sample("one more"))
      await #expect(throws: RPCError.self) { try await emit(fixture, events) }
      let stored = try await fixture.store.triggers(TriggerQuery(in: .default, limit: 2_000))
      #expect(stored.items.count == Limits.cloudEventsPerBatchMax)
    }
  }
}
