internal import EventCore
internal import Executors
internal import GRPC
internal import Messages

extension TriggerService {
  /// Accepted, every change of every invocation with its output and logs, then a summary.
  func triggerEvent(
    _ call: Call, _ request: TriggerEventRequest, _ responses: Responses<TriggerEventResponse>
  ) async throws {
    let plan = try await intake.check(request.content, in: call.organization)
    // Watched before it is accepted, so that nothing can happen unseen.
    let watch = intake.pool.watch(plan.trigger.triggerID)
    defer { watch.cancel() }
    let duplicate: StoredTrigger?
    switch try await intake.accept(plan) {
    case .accepted: duplicate = nil
    case .duplicate(let stored): duplicate = stored
    }
    do {
      if let duplicate {
        watch.cancel()
        try await follow(duplicate.trigger.triggerID, isDuplicate: true, call, responses)
      } else {
        try await follow(plan, watch, call, responses)
      }
    } catch {
      let triggerID = (duplicate?.trigger ?? plan.trigger).triggerID
      if request.cancelOnDisconnect { await cancel(triggerID, leftBy: call) }
      throw error
    }
  }

  private func follow(
    _ plan: TriggerPlan, _ watch: TriggerWatch, _ call: Call,
    _ responses: Responses<TriggerEventResponse>
  ) async throws {
    var stream = TriggerStream(
      TriggerReport(plan), of: plan.trigger, watch, of: self, call, responses)
    try await stream.tellAccepted(isDuplicate: false)
    // What a group's strategy left out from the start.
    try await stream.tell(plan.invocations.filter { $0.state != .pending })
    try await stream.tellLive()
  }

  /// Cancels what has not finished, unless it is the gateway that ends the call.
  private func cancel(_ triggerID: UniqueID, leftBy call: Call) async {
    guard Task.isCancelled, !health.isFinished else { return }
    let error = InvocationError(
      .cancelled, code: "CLIENT_DISCONNECTED",
      message: "the client that triggered it went away, and had asked for it to end then",
      isFinal: true)
    // In a task of its own, since this one is cancelled.
    let cancelling = Task { [pool = intake.pool, organization = call.organization] in
      try await StoreError.retryingOverload {
        try await pool.cancel(.trigger(triggerID), in: organization, error)
      }
    }
    // A store that is away keeps what it has; nobody is left to be told of it.
    _ = try? await cancelling.value
  }
}
