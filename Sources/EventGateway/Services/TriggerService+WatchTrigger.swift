internal import EventCore
internal import Executors
internal import GRPC
internal import Messages

extension TriggerService {
  /// From the trigger's state now, or from where the token's client was, to its summary.
  func watchTrigger(
    _ call: Call, _ request: WatchTriggerRequest, _ responses: Responses<TriggerEventResponse>
  ) async throws {
    guard !request.triggerID.isEmpty else {
      throw GatewayError.invalid("trigger_id", "is required")
    }
    guard let triggerID = UniqueID(request.triggerID) else {
      throw History.noTrigger(request.triggerID)
    }
    guard !request.resumeToken.isEmpty else {
      return try await follow(triggerID, isDuplicate: false, call, responses)
    }
    guard let token = ResumeToken(request.resumeToken), token.triggerID == triggerID else {
      throw ResumeToken.invalid
    }
    try await follow(triggerID, after: token, call, responses)
  }

  /// For a client that knows nothing of the trigger: accepted, then where everything is now.
  func follow(
    _ triggerID: UniqueID, isDuplicate: Bool, _ call: Call,
    _ responses: Responses<TriggerEventResponse>
  ) async throws {
    // Watched before it is read, so that nothing can happen in between.
    let watch = intake.pool.watch(triggerID)
    defer { watch.cancel() }
    guard let stored = try await history.trigger(triggerID, in: call.organization) else {
      throw History.noTrigger(triggerID.description)
    }
    var stream = TriggerStream(
      TriggerReport(stored), of: stored.trigger, watch, of: self, call, responses)
    try await stream.tellAccepted(isDuplicate: isDuplicate)
    try await stream.tellPast()
    try await stream.tellLive()
  }

  private func follow(
    _ triggerID: UniqueID, after token: ResumeToken, _ call: Call,
    _ responses: Responses<TriggerEventResponse>
  ) async throws {
    let watch = intake.pool.watch(triggerID)
    defer { watch.cancel() }
    guard let stored = try await history.trigger(triggerID, in: call.organization) else {
      throw ResumeToken.expired
    }
    guard let report = TriggerReport(stored, after: token) else { throw ResumeToken.invalid }
    var stream = TriggerStream(report, of: stored.trigger, watch, of: self, call, responses)
    try await stream.tellPast()
    try await stream.tellLive()
  }
}
