import EventCore
import Executors
import GRPC
import MemoryStore
import Messages
import NIOCore
import TestSupport
import Testing

@testable import EventGateway

/// TriggerEvent, WatchTrigger and WatchInvocations against a real server.
@Suite struct StreamTests {
  /// Ends a stream that would go on.
  private struct Enough: Error {}

  private func states(_ told: [TriggerEventResponse]) -> [Invocation.State] {
    told.compactMap {
      if case .invocation(let invocation)? = $0.update { invocation.state } else { nil }
    }
  }

  @Test func `a watch of a finished trigger tells its state and the summary`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let id = try await fixture.emit()
      await fixture.store.until { $0.allSatisfy(\.state.isTerminal) }
      let told = try await fixture.watch(id)
      guard case .accepted(let accepted)? = told.first?.update,
        case .summary(let summary)? = told.last?.update
      else { return #expect(Bool(false), "\(told)") }
      #expect(accepted.trigger.trigger.triggerID.description == id)
      #expect(summary.state == .succeeded)
      #expect(states(told) == [.succeeded])
    }
  }

  @Test func `every token leads to what came after it, without gap or repeat`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.failOne()
      var request = TriggerEventRequest()
      request.content.event = "a"
      var told: [TriggerEventResponse] = []
      try await fixture.client.stream("TriggerService/TriggerEvent", request) { told.append($0) }
      guard case .accepted(let accepted)? = told.first?.update else {
        return #expect(Bool(false), "\(told)")
      }
      let id = accepted.trigger.trigger.triggerID.description
      let stored = told.filter { !$0.resumeToken.isEmpty }
      #expect(states(stored) == [.failed])
      for (index, update) in stored.enumerated() {
        let rest = try await fixture.watch(id, after: update.resumeToken)
        #expect(states(rest) == states(Array(stored[(index + 1)...])), "after \(index)")
        guard case .summary(let summary)? = rest.last?.update else {
          return #expect(Bool(false), "\(rest)")
        }
        #expect(summary.state == .failed)
      }
    }
  }

  @Test func `a redrive is news to who watched before it`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.failOne()
      let id = try await fixture.emit()
      await fixture.store.until { $0.allSatisfy { $0.state == .failed } && !$0.isEmpty }
      let first = try await fixture.watch(id)
      var retry = RetryInvocationRequest()
      retry.invocationID = "\(id).0"
      let again: Invocation = try await fixture.client.call(
        "TriggerService/RetryInvocation", retry)
      #expect(!again.state.isTerminal)
      let refused = try await refusal {
        _ = try await fixture.client.call(
          "TriggerService/RetryInvocation", retry, as: Invocation.self)
      }
      #expect(refused?.reason == "INVOCATION_NOT_FAILED")
      fixture.runtime.open()
      let rest = try await fixture.watch(id, after: try #require(first.last).resumeToken)
      #expect(states(rest).last == .succeeded)
      #expect(!states(rest).contains(.failed))
    }
  }

  @Test func `tokens of others are refused, and those of what is gone`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      let id = try await fixture.emit()
      let other = try await fixture.emit()
      let token = try #require(try await fixture.watch(other).last).resumeToken
      for wrong in [token, "00", String(token.dropLast(2))] {
        let refused = try await refusal { _ = try await fixture.watch(id, after: wrong) }
        #expect(refused?.reason == "RESUME_TOKEN_INVALID")
        #expect(refused?.fields == ["resume_token"])
      }
      let gone = UniqueID(at: .now())
      let lost = try await refusal {
        let token = ResumeToken(gone, revisions: [0])
        _ = try await fixture.watch(gone.description, after: token.text)
      }
      #expect(lost?.reason == "RESUME_TOKEN_EXPIRED")
      let unknown = try await refusal { _ = try await fixture.watch(gone.description) }
      #expect(unknown?.reason == "TRIGGER_NOT_FOUND")
    }
  }

  @Test(arguments: [true, false])
  func `a client that goes away ends what it asked to end`(_ isAsked: Bool) async throws {
    try await GatewayFixture.run { fixture in
      var request = TriggerEventRequest()
      request.content.event = "a"
      request.cancelOnDisconnect = isAsked
      await #expect(throws: Enough.self) {
        try await fixture.client.stream("TriggerService/TriggerEvent", request) {
          (update: TriggerEventResponse) in
          if case .invocation(let invocation)? = update.update, invocation.state == .running {
            throw Enough()
          }
        }
      }
      if isAsked {
        await fixture.runtime.state.until { $0.stopped == 1 }
        await fixture.store.until { $0.allSatisfy { $0.error?.code == "CLIENT_DISCONNECTED" } }
      } else {
        fixture.runtime.open()
        await fixture.store.until { $0.allSatisfy { $0.state == .succeeded } }
        #expect(fixture.runtime.state.value.stopped == 0)
      }
    }
  }

  @Test func `a trigger that is cancelled stops its function and says why`() async throws {
    try await GatewayFixture.run { fixture in
      let id = try await fixture.emit()
      await fixture.runtime.state.until { $0.started == 1 }
      var request = CancelTriggerRequest()
      (request.triggerID, request.reason) = (id, "a mistake")
      let cancelled: StoredTrigger = try await fixture.client.call(
        "TriggerService/CancelTrigger", request)
      #expect(cancelled.state == .cancelled)
      await fixture.runtime.state.until { $0.stopped == 1 }
      let invocation = try await fixture.invocation("\(id).0")
      #expect(invocation.error?.code == "CANCELLED_BY_REQUEST")
      #expect(invocation.error?.message == "a mistake")
      request.reason = String(repeating: "x", count: 512)
      _ = try await fixture.client.call(
        "TriggerService/CancelTrigger", request, as: StoredTrigger.self)
      request.reason += "x"
      let refused = try await refusal { [request] in
        _ = try await fixture.client.call(
          "TriggerService/CancelTrigger", request, as: StoredTrigger.self)
      }
      #expect(refused?.fields == ["reason"])
    }
  }

  // MARK: WatchInvocations

  private func changes(
    _ fixture: GatewayFixture, _ request: WatchInvocationsRequest, until count: Int,
    _ body: (WatchInvocationsResponse) async throws -> Void = { _ in }
  ) async throws -> [WatchInvocationsResponse] {
    var told: [WatchInvocationsResponse] = []
    let answers = fixture.connection.serverStreaming(
      "/dispatch.events.v1.TriggerService/WatchInvocations", request.buffer,
      options: .init(timeout: .seconds(300)))
    for try await bytes in answers {
      let answer = try WatchInvocationsResponse(unpacking: bytes, from: .server)
      told.append(answer)
      try await body(answer)
      if told.count(where: { $0.invocation != nil }) == count { break }
    }
    return told
  }

  @Test func `changes come after their token, and are not repeated`() async throws {
    try await GatewayFixture.run { fixture in
      fixture.runtime.open()
      var isFirst = true
      let told = try await changes(fixture, WatchInvocationsRequest(), until: 3) { answer in
        guard isFirst else { return }
        isFirst = false
        #expect(answer.invocation == nil && !answer.resumeToken.isEmpty)
        for _ in 0..<3 { _ = try await fixture.emit() }
      }
      #expect(told.count { $0.event == "a" } == 3)
      for (index, answer) in told.enumerated().dropLast() {
        var request = WatchInvocationsRequest()
        request.resumeToken = answer.resumeToken
        let known = told[...index].count { $0.invocation != nil }
        let rest = try await changes(fixture, request, until: 3 - known)
        #expect(
          rest.compactMap(\.invocation?.id)
            == told[(index + 1)...].compactMap(\.invocation?.id))
      }
      var other = WatchInvocationsRequest()
      (other.resumeToken, other.event) = (told[0].resumeToken, "a")
      let refused = try await refusal { [other] in
        _ = try await changes(fixture, other, until: 1)
      }
      #expect(refused?.reason == "RESUME_TOKEN_INVALID")
    }
  }

  @Test func `a watch ends when the gateway drains`() async throws {
    try await GatewayFixture.run { fixture in
      let ended = try await refusal {
        _ = try await changes(fixture, WatchInvocationsRequest(), until: 1) { _ in
          fixture.gateway.health.finish()
        }
      }
      #expect(ended?.reason == "DRAINING")
    }
  }
}
