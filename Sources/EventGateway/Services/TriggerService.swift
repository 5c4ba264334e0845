internal import EventCore
internal import GRPC
internal import Messages

/// dispatch.events.v1.TriggerService; what is more than a few lines has a file of its own.
struct TriggerService: Sendable {
  let intake: TriggerIntake
  let history: History
  let health: Health
  let keepAlives = KeepAlives()

  func register(in router: inout Router) {
    let service = "/dispatch.events.v1.TriggerService"
    router.serverStreaming("\(service)/TriggerEvent", triggerEvent)
    router.unary("\(service)/EmitEvent", emitEvent)
    router.bidirectional("\(service)/EmitEvents") { call, requests, writer in
      try await emitEvents(Call(call), requests, Responses(writer))
    }
    router.unary("\(service)/EmitCloudEvents", emitCloudEvents)
    router.serverStreaming("\(service)/WatchTrigger", watchTrigger)
    router.serverStreaming("\(service)/WatchInvocations", watchInvocations)
    registerQueries(in: &router, service)
    router.unary("\(service)/ExplainTrigger", explainTrigger)
    router.unary("\(service)/CancelTrigger", cancelTrigger)
    router.unary("\(service)/CancelInvocation", cancelInvocation)
    router.unary("\(service)/RetryInvocation", retryInvocation)
    router.unary("\(service)/RedriveDeadLetters") { (call, request: RedriveDeadLettersRequest) in
      try await Redrive(store: intake.store, pool: intake.pool).run(request, in: call.organization)
    }
    router.unary("\(service)/ReplayTriggers") { (call, request: ReplayTriggersRequest) in
      try await Replay(intake: intake).run(request, in: call.organization, at: .now())
    }
  }

  private func registerQueries(in router: inout Router, _ service: String) {
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

  /// Also each message of EmitEvents.
  func emitEvent(_ call: Call, _ request: EmitEventRequest) async throws -> EmitEventResponse {
    let plan = try await intake.check(request.content, in: call.organization)
    return EmitEventResponse(plan, try await intake.accept(plan))
  }
}

extension EmitEventResponse {
  init(_ plan: TriggerPlan, _ acceptance: TriggerIntake.Acceptance) {
    switch acceptance {
    case .accepted: self.init(plan.stored, isDuplicate: false)
    case .duplicate(let stored): self.init(stored, isDuplicate: true)
    }
  }

  private init(_ stored: StoredTrigger, isDuplicate: Bool) {
    self.init()
    triggerID = stored.trigger.triggerID.description
    receivedAt = stored.trigger.receivedAt
    invocationCount = Int32(stored.total.total)
    self.isDuplicate = isDuplicate
  }
}
