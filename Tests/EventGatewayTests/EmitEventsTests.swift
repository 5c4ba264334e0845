import EventCore
import GRPC
import MemoryStore
import Messages
import NIOCore
import Testing

@testable import EventGateway

/// EmitEvents against a real server.
@Suite struct EmitEventsTests {
  private func message(
    _ sequence: UInt64, _ change: (inout TriggerContent) -> Void = { _ in }
  ) -> EmitEventsRequest {
    var request = EmitEventsRequest()
    request.sequence = sequence
    request.emit = EmitEventRequest()
    request.emit?.content.event = "a"
    if request.emit != nil { change(&request.emit!.content) }
    return request
  }

  private func open(_ fixture: GatewayFixture) -> (RequestWriter, ResponseStream) {
    let (requests, answers) = fixture.connection.bidirectional(
      "/dispatch.events.v1.TriggerService/EmitEvents", options: .init(timeout: .seconds(300)))
    return (requests, answers)
  }

  /// Sends all, ends the request side, and collects the answers by sequence.
  private func emit(
    _ fixture: GatewayFixture, _ messages: [ByteBuffer]
  ) async throws -> [UInt64: EmitResult] {
    let (requests, answers) = open(fixture)
    let sending = Task {
      for message in messages { try await requests.write(message) }
      requests.finish()
    }
    var results: [UInt64: EmitResult] = [:]
    for try await bytes in answers {
      let answer = try EmitEventsResponse(unpacking: bytes, from: .server)
      #expect(results[answer.sequence] == nil, "\(answer.sequence) is answered twice")
      results[answer.sequence] = answer.result
    }
    try await sending.value
    return results
  }

  private func reason(_ result: EmitResult?) -> String? {
    guard case .error(let status)? = result else { return nil }
    let infos = status.details.lazy.compactMap { $0.unpacked("ErrorInfo", as: ErrorInfo.self) }
    return infos.first?.reason
  }

  @Test func `every message is answered, more than may be in flight`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let count = 2 * GatewayLimits.emitsInFlightMax
      let results = try await emit(fixture, (0..<count).map { message(UInt64($0)).buffer })
      let accepted = results.values.count { if case .accepted = $0 { true } else { false } }
      #expect(accepted == count)
    }
  }

  @Test func `an error is answered in its message, and the stream goes on`() async throws {
    try await GatewayFixture.run { fixture in
      let badText = [UInt8]([8, 4, 18, 3, 10, 1, 0xFF])
      var empty = EmitEventsRequest()
      empty.sequence = 3
      let results = try await emit(
        fixture,
        [
          message(1).buffer, message(2) { $0.event = "nope" }.buffer, empty.buffer,
          ByteBuffer(bytes: badText), message(5) { $0.metadata = ["": ""] }.buffer,
          message(6).buffer,
        ])
      #expect(results.count == 6)
      #expect(reason(results[2]) == "EVENT_NOT_FOUND")
      #expect(reason(results[3]) == "FIELD_INVALID")
      #expect(reason(results[4]) == "INVALID_UTF8")
      #expect(reason(results[5]) == "FIELD_INVALID")
      for sequence in [1, 6] as [UInt64] {
        guard case .accepted(let answer)? = results[sequence] else {
          return #expect(Bool(false), "\(sequence): \(String(describing: results[sequence]))")
        }
        #expect(fixture.store[try #require(InvocationID("\(answer.triggerID).0"))] != nil)
      }
    }
  }

  @Test func `what is no message at all ends the stream, after all answers`() async throws {
    try await GatewayFixture.run { fixture in
      let (requests, answers) = open(fixture)
      try await requests.write(message(1).buffer)
      try await requests.write(ByteBuffer(bytes: [0x0A]))
      var count = 0
      let refused = try await refusal {
        for try await _ in answers { count += 1 }
      }
      #expect(refused?.reason == "MALFORMED_MESSAGE")
      #expect(count == 1)
    }
  }

  @Test func `messages of one key are accepted in the order sent`() async throws {
    try await GatewayFixture.run { fixture in
      let count = 300
      let results = try await emit(
        fixture,
        (0..<count).map { number in
          message(UInt64(number)) {
            $0.orderingKey = number % 3 == 0 ? "" : "key \(number % 3)"
            $0.metadata = ["n": "\(number)"]
          }.buffer
        })
      #expect(results.count == count)
      let triggers = try await fixture.store.triggers(
        TriggerQuery(in: .default, limit: 1_000)
      ).items.map(\.trigger).reversed()
      for key in ["key 1", "key 2"] {
        let order = triggers.filter { $0.orderingKey == key }.compactMap { Int($0.metadata["n"]!) }
        #expect(order.count == 100)
        #expect(order == order.sorted())
      }
    }
  }

  @Test func `the same request id in one stream is one trigger`() async throws {
    try await GatewayFixture.run { fixture in
      let results = try await emit(
        fixture, (0..<10).map { message($0) { $0.requestID = "r" }.buffer })
      let answers = results.values.compactMap { result -> EmitEventResponse? in
        if case .accepted(let answer) = result { answer } else { nil }
      }
      #expect(answers.count == 10)
      #expect(Set(answers.map(\.triggerID)).count == 1)
      #expect(answers.count { !$0.isDuplicate } == 1)
    }
  }

  @Test func `the stream ends when the gateway drains, after its answers`() async throws {
    try await GatewayFixture.run { fixture in
      let (requests, answers) = open(fixture)
      try await requests.write(message(1).buffer)
      var count = 0
      let refused = try await refusal {
        for try await _ in answers {
          count += 1
          fixture.gateway.health.finish()
        }
      }
      #expect(refused?.reason == "DRAINING")
      #expect(count == 1)
    }
  }

  @Test func `a call that is cancelled leaves nothing running`() async throws {
    try await GatewayFixture.run { fixture in
      let (requests, answers) = open(fixture)
      for number in 0..<100 {
        try await requests.write(message(UInt64(number)) { $0.orderingKey = "k" }.buffer)
      }
      for try await _ in answers { break }
      answers.cancel()
      // The next call is served, and in the end as many triggers are there as were accepted whole.
      _ = try await fixture.emit()
      let stored = try await fixture.store.triggers(TriggerQuery(in: .default, limit: 1_000))
      #expect((2...101).contains(stored.items.count))
    }
  }
}
