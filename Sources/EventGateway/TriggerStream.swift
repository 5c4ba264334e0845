internal import EventCore
internal import Executors
internal import Messages

/// Tells one client what comes of a trigger: TriggerEvent and WatchTrigger have it in common.
struct TriggerStream {
  private var report: TriggerReport
  private let trigger: Trigger
  private let watch: TriggerWatch
  private let history: History
  private let keepAlives: KeepAlives
  private let call: Call
  private let responses: Responses<TriggerEventResponse>

  /// - Parameter watch: opened before what `report` knows was read, so that nothing can be missed.
  init(
    _ report: TriggerReport, of trigger: Trigger, _ watch: TriggerWatch,
    of service: TriggerService, _ call: Call, _ responses: Responses<TriggerEventResponse>
  ) {
    self.report = report
    self.trigger = trigger
    self.watch = watch
    history = service.history
    keepAlives = service.keepAlives
    self.call = call
    self.responses = responses
  }

  /// The first message of a client that does not go on after a token.
  func tellAccepted(isDuplicate: Bool) async throws {
    try await responses.write(report.accepted(isDuplicate: isDuplicate))
  }

  mutating func tell(_ invocations: [Invocation]) async throws {
    for invocation in invocations {
      guard let update = report.take(invocation) else { continue }
      try await responses.write(update)
    }
  }

  /// Where everything is now, a page at a time: all of it may be a gigabyte.
  mutating func tellPast() async throws {
    var last: InvocationID?
    var page = Page<Invocation>()
    repeat {
      page = try await history.invocations(of: trigger, after: last)
      last = page.items.last?.id
      guard !page.items.contains(where: report.isAhead) else { throw ResumeToken.invalid }
      try await tell(page.items)
    } while page.hasMore
    guard !report.isFinished else { return }
    // Removed since it was found: what is missing will never be told.
    guard try await history.trigger(trigger.triggerID, in: trigger.organization) != nil else {
      throw ResumeToken.expired
    }
  }

  /// What happens from now on, and the summary once all invocations have finished.
  mutating func tellLive() async throws {
    let keepAlive = keepAlives.start(call.server) { [responses] in
      try await responses.write(TriggerEventResponse(.keepAlive))
    }
    defer { keepAlives.stop(keepAlive) }
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

extension ResumeToken {
  static var invalid: GatewayError {
    let problem = "is not one that a stream of this request gave out"
    return GatewayError(
      .resumeTokenInvalid, "resume_token \(problem)",
      violations: [FieldViolation(field: "resume_token", problem: problem)])
  }

  static let expired = GatewayError(
    .resumeTokenExpired, "what came after the resume_token is no longer kept")
}
