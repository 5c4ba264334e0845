internal import EventCore
internal import Executors
internal import GRPC
internal import Messages

extension TriggerService {
  /// Accepted, every change of every invocation with its output and logs, then a summary.
  func triggerEvent(
    _ call: Call, _ request: TriggerEventRequest, _ responses: Responses<TriggerEventResponse>
  ) async throws {
    let candidate = try intake.check(request.content, in: call.organization)
    // Watched before it is accepted, so that nothing can happen unseen.
    let watch = intake.pool.watch(candidate.trigger.triggerID)
    defer { watch.cancel() }
    switch try await intake.accept(candidate) {
    case .accepted:
      let progress = TriggerReport(candidate.trigger, candidate.invocations)
      try await stream(progress, isDuplicate: false, watch, call, responses)
    case .duplicate(let stored):
      watch.cancel()
      let watch = intake.pool.watch(stored.trigger.triggerID)
      defer { watch.cancel() }
      let known = try await history.invocations(of: stored.trigger)
      try await stream(
        TriggerReport(stored.trigger, known), isDuplicate: true, watch, call, responses)
    }
  }

  private func stream(
    _ report: TriggerReport, isDuplicate: Bool, _ watch: TriggerWatch, _ call: Call,
    _ responses: Responses<TriggerEventResponse>
  ) async throws {
    let keepAlive = KeepAlive(call.server.eventLoop) { try await responses.write(.keepAlive) }
    defer { keepAlive.stop() }
    var report = report
    for update in report.beginning(isDuplicate: isDuplicate) { try await responses.write(update) }
    while !report.isFinished {
      guard let batch = await watch.next() else {
        try Task.checkCancellation()
        throw GatewayError(
          .draining, "the gateway is shutting down; the trigger is durable and goes on after it",
          retryAfter: .seconds(1))
      }
      for progress in batch {
        guard let update = report.take(progress) else { continue }
        keepAlive.postpone()
        try await responses.write(update)
      }
    }
    try await responses.write(report.summary)
  }
}

extension TriggerEventResponse {
  fileprivate static var keepAlive: TriggerEventResponse { TriggerEventResponse(.keepAlive) }
}
