internal import EventCore
internal import Executors
internal import Messages

extension TriggerService {
  func cancelTrigger(_ call: Call, _ request: CancelTriggerRequest) async throws -> StoredTrigger {
    let error = try InvocationError(cancelledFor: request.reason)
    guard !request.triggerID.isEmpty else {
      throw GatewayError.invalid("trigger_id", "is required")
    }
    guard let id = UniqueID(request.triggerID),
      try await intake.pool.cancel(.trigger(id), in: call.organization, error) != nil
    else { throw History.noTrigger(request.triggerID) }
    return try await history.trigger(request.triggerID, in: call.organization)
  }

  func cancelInvocation(
    _ call: Call, _ request: CancelInvocationRequest
  ) async throws -> Invocation {
    let error = try InvocationError(cancelledFor: request.reason)
    guard !request.invocationID.isEmpty else {
      throw GatewayError.invalid("invocation_id", "is required")
    }
    guard let id = InvocationID(request.invocationID),
      try await intake.pool.cancel(.invocation(id), in: call.organization, error) != nil
    else { throw History.noInvocation(request.invocationID) }
    return try await history.invocation(request.invocationID, in: call.organization)
  }

  func retryInvocation(
    _ call: Call, _ request: RetryInvocationRequest
  ) async throws -> Invocation {
    let now = try await history.invocation(request.invocationID, in: call.organization)
    guard now.state.isTerminal, now.state != .succeeded else { throw now.notFailed }
    let changed = try await intake.pool.redrive([now.id], in: call.organization)
    let after = try await history.invocation(request.invocationID, in: call.organization)
    // Somebody else was faster.
    guard changed.contains(where: { $0.id == now.id }) else { throw after.notFailed }
    return after
  }
}

extension InvocationError {
  fileprivate init(cancelledFor reason: String) throws(GatewayError) {
    var check = FieldCheck()
    check.text(reason, atMost: GatewayLimits.reasonBytesMax, "reason")
    try check.finish()
    self.init(
      .cancelled, code: "CANCELLED_BY_REQUEST",
      message: reason.isEmpty ? "a request cancelled it" : reason, isFinal: true)
  }
}

extension Invocation {
  fileprivate var notFailed: GatewayError {
    GatewayError(
      .invocationNotFailed,
      "the invocation '\(id)' is \(String(describing: state).uppercased()); only one that is FAILED,"
        + " CANCELLED or SKIPPED can be tried again",
      resource: ResourceName(type: "dispatch.events.v1.Invocation", name: id.description))
  }
}
