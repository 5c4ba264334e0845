import EventCore
import GRPC
import Messages
import Testing

@testable import EventGateway

@Suite struct StatusTests {
  private func status(_ error: some RPCErrorConvertible) throws -> ErrorStatus {
    try error.rpcError.statusDetails.withUnsafeBytes {
      try ErrorStatus(unpacking: $0, from: .server)
    }
  }

  private func detail<M: WireMessage>(_ type: String, _ status: ErrorStatus, as: M.Type) -> M? {
    status.details.compactMap { $0.unpacked(type, as: M.self) }.first
  }

  @Test func `an invalid request names every field that is wrong`() throws {
    var event = Event()
    event.event = "Order"
    event.dataType = "json"
    let error = #expect(throws: GatewayError.self) { try event.check("event").finish() }
    let status = try status(try #require(error))
    #expect(status.code == Int32(StatusCode.invalidArgument.rawValue))
    let info = try #require(detail("ErrorInfo", status, as: ErrorInfo.self))
    #expect(info.reason == "FIELD_INVALID")
    #expect(info.domain == "dispatch.events")
    let request = try #require(detail("BadRequest", status, as: BadRequest.self))
    #expect(request.violations.map(\.field) == ["event.event", "event.data_type"])
  }

  @Test func `a missing resource is named by its type`() throws {
    let status = try status(Definition.Key(.function, "mail").notFound)
    #expect(status.code == Int32(StatusCode.notFound.rawValue))
    let resource = try #require(detail("ResourceInfo", status, as: ResourceName.self))
    #expect(resource == ResourceName(type: "dispatch.events.v1.Function", name: "mail"))
  }

  @Test func `an overloaded store says when to try again`() throws {
    let status = try status(StoreError.overloaded(retryAfter: .milliseconds(250)))
    #expect(status.code == Int32(StatusCode.resourceExhausted.rawValue))
    #expect(detail("RetryInfo", status, as: RetryInfo.self)?.delay == .milliseconds(250))
    #expect(detail("QuotaFailure", status, as: QuotaFailure.self)?.violations.count == 1)
  }

  @Test(arguments: [
    (StoreError.unavailable("the disk is full"), StatusCode.unavailable, "STORE_UNAVAILABLE"),
    (StoreError.closed, StatusCode.unavailable, "DRAINING"),
  ])
  func `a store that can't is unavailable`(
    _ error: StoreError, _ code: StatusCode, _ reason: String
  ) throws {
    #expect(error.rpcError.code == code)
    let info = detail("ErrorInfo", try status(error), as: ErrorInfo.self)
    #expect(info?.reason == reason)
  }

  @Test func `details stay within the 4 KiB that go out, whatever is wrong`() throws {
    let long = String(repeating: "ä", count: 4_000)
    for count in [1, 20, 500] {
      let violations = Array(repeating: FieldViolation(field: long, problem: long), count: count)
      var error = GatewayError.invalid(violations)
      error.resource = ResourceName(type: "dispatch.events.v1.Event", name: "e")
      #expect(error.rpcError.statusDetails.count <= 4_096)
      let sent = detail("BadRequest", try status(error), as: BadRequest.self)
      #expect(sent?.violations.isEmpty == false)
    }
  }

  @Test func `many short violations are all told, up to twenty`() throws {
    let violations = Array(
      repeating: FieldViolation(field: "event.data", problem: "is required"), count: 30)
    let sent = detail(
      "BadRequest", try status(GatewayError.invalid(violations)), as: BadRequest.self)
    #expect(sent?.violations.count == 20)
  }

  static let codes: [(GatewayError.Reason, StatusCode)] = [
    (.groupNotFound, .notFound), (.groupMismatch, .failedPrecondition),
    (.invocationNotFailed, .failedPrecondition), (.managedSubscription, .failedPrecondition),
    (.resumeTokenInvalid, .invalidArgument), (.resumeTokenExpired, .outOfRange),
    (.queueFull, .resourceExhausted), (.quota, .resourceExhausted),
  ]

  @Test(arguments: codes)
  func `a reason has its status`(reason: GatewayError.Reason, code: StatusCode) throws {
    let error = GatewayError(reason, "so it is")
    #expect(error.rpcError.code == code)
    let status = try status(error)
    #expect(detail("ErrorInfo", status, as: ErrorInfo.self)?.reason == reason.rawValue)
    let failure = detail("PreconditionFailure", status, as: PreconditionFailure.self)
    #expect((failure != nil) == (code == .failedPrecondition))
    let quota = detail("QuotaFailure", status, as: QuotaFailure.self)
    #expect((quota != nil) == (code == .resourceExhausted))
  }

  @Test func `a member of another event is told what the group takes`() throws {
    let group = Definition.Key(.group, "shipping")
    let error = DefinitionOutcome.Refusal.groupMismatch(group, event: "order.created").error
    #expect(error.reason == .groupMismatch)
    #expect(error.resource == group.resource)
    #expect(error.message.contains("'shipping'") && error.message.contains("'order.created'"))
  }

  @Test func `a full group is a quota`() throws {
    let error = DefinitionOutcome.Refusal.groupFull(.init(.group, "shipping"), limit: 32).error
    #expect(error.reason == .quota)
    #expect(error.message.contains("32 members"))
  }

  @Test func `a group in use is not to be forced`() {
    let user = Definition.Key(.subscription, "s1")
    let group = DefinitionOutcome.Refusal.inUse(.init(.group, "g"), by: [user]).error
    #expect(group.message.contains("subscription 's1'") && !group.message.contains("force"))
    let event = DefinitionOutcome.Refusal.inUse(.init(.event, "e"), by: [user]).error
    #expect(event.message.contains("force"))
  }

  @Test func `what is in use says by whom`() throws {
    let key = Definition.Key(.event, "order.created")
    let refusal = DefinitionOutcome.Refusal.inUse(key, by: [Definition.Key(.subscription, "s1")])
    let status = try status(refusal.error)
    #expect(status.code == Int32(StatusCode.failedPrecondition.rawValue))
    let failure = detail("PreconditionFailure", status, as: PreconditionFailure.self)
    #expect(failure?.violations.first?.type == "IN_USE")
    #expect(status.message.contains("subscription 's1'"))
  }
}
