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
      try await stream(candidate.stored, isDuplicate: false, watch, call, responses)
    case .duplicate(let stored):
      watch.cancel()
      let watch = intake.pool.watch(stored.trigger.triggerID)
      defer { watch.cancel() }
      let current = intake.pool.current(stored)
      try await stream(current, isDuplicate: true, watch, call, responses)
    }
  }

  private func stream(
    _ stored: StoredTrigger, isDuplicate: Bool, _ watch: TriggerWatch, _ call: Call,
    _ responses: Responses<TriggerEventResponse>
  ) async throws {
    let keepAlive = KeepAlive(call.server.eventLoop) { try await responses.write(.keepAlive) }
    defer { keepAlive.stop() }
    var report = TriggerReport(stored)
    try await responses.write(report.accepted(isDuplicate: isDuplicate))
    if isDuplicate { try await tellPast(of: stored.trigger, &report, responses) }
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

  /// What happened before the watch began, a page at a time: all of it may be a gigabyte.
  private func tellPast(
    of trigger: Trigger, _ report: inout TriggerReport,
    _ responses: Responses<TriggerEventResponse>
  ) async throws {
    var last: InvocationID?
    var page = Page<Invocation>()
    repeat {
      page = try await history.invocations(of: trigger, after: last)
      last = page.items.last?.id
      for invocation in page.items where invocation.state != .pending {
        guard let update = report.take(.changed(invocation)) else { continue }
        try await responses.write(update)
      }
    } while page.hasMore
  }
}

extension TriggerEventResponse {
  fileprivate static var keepAlive: TriggerEventResponse { TriggerEventResponse(.keepAlive) }
}
