internal import EventCore
internal import GRPC
internal import Messages

/// dispatch.events.v1.TriggerService; TriggerEvent has a file of its own.
struct TriggerService: Sendable {
  let intake: TriggerIntake
  let history: History

  func register(in router: inout Router) {
    let service = "/dispatch.events.v1.TriggerService"
    router.serverStreaming("\(service)/TriggerEvent", triggerEvent)
    router.unary("\(service)/EmitEvent", emitEvent)
    router.unary("\(service)/GetTrigger") { (call, request: GetTriggerRequest) in
      try await history.trigger(request.triggerID, in: call.organization)
    }
    router.unary("\(service)/ListTriggers") { (call, request: ListTriggersRequest) in
      try await history.triggers(request, in: call.organization)
    }
    router.unary("\(service)/GetInvocation") { (call, request: GetInvocationRequest) in
      try await history.invocation(request.invocationID, in: call.organization)
    }
    router.unary("\(service)/ListInvocations") { (call, request: ListInvocationsRequest) in
      try await history.invocations(request, in: call.organization)
    }
  }

  private func emitEvent(_ call: Call, _ request: EmitEventRequest) async throws
    -> EmitEventResponse
  {
    let candidate = try intake.check(request.content, in: call.organization)
    switch try await intake.accept(candidate) {
    case .accepted:
      return EmitEventResponse(
        candidate.trigger, invocations: candidate.invocations.count, isDuplicate: false)
    case .duplicate(let stored):
      return EmitEventResponse(
        stored.trigger, invocations: stored.tally.total, isDuplicate: true)
    }
  }
}

extension EmitEventResponse {
  fileprivate init(_ trigger: Trigger, invocations: Int, isDuplicate: Bool) {
    self.init()
    triggerID = trigger.triggerID.description
    receivedAt = trigger.receivedAt
    invocationCount = Int32(invocations)
    self.isDuplicate = isDuplicate
  }
}
