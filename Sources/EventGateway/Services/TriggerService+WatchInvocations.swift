internal import EventCore
internal import Executors
internal import GRPC
internal import Messages
internal import Synchronization

extension TriggerService {
  /// The log of changes, from now on or after a token, until the client has enough.
  func watchInvocations(
    _ call: Call, _ request: WatchInvocationsRequest,
    _ responses: Responses<WatchInvocationsResponse>
  ) async throws {
    let tokens = ScopedToken<Int64>(scope: request.scope(in: call.organization))
    let query = try request.query(tokens, in: call.organization)
    let stream = ChangeStream(
      intake.pool.watchInvocations(query), after: query.after, tokens, keepAlives, call, responses)
    let telling = Task(executorPreference: call.server.executor) { try await stream.run() }
    // Such a stream never ends by itself, and would hold up the server's drain.
    let drain = health.whenFinished { telling.cancel() }
    defer { drain.cancel() }
    do {
      try await withTaskCancellationHandler {
        try await telling.value
      } onCancel: {
        telling.cancel()
      }
    } catch {
      throw health.isFinished ? ChangeStream.draining : error
    }
  }
}

/// Tells one client of changes, with the token after each.
///
/// Everything happens on the call's loop, the keep-alive too; what the client knows is set and told
/// without a suspension in between. So no token leads it back, or past what it was not told.
private struct ChangeStream {
  private let watch: InvocationWatch
  private let tokens: ScopedToken<Int64>
  private let keepAlives: KeepAlives
  private let call: Call
  private let responses: Responses<WatchInvocationsResponse>
  private let known: Known

  private final class Known: Sendable {
    let place: Atomic<Int64>
    /// All that the watch has brought is told: the client knows what the watch knows, also of what
    /// its filters leave out.
    let isComplete = Atomic(false)
    let isBeginning: Bool

    init(_ place: Int64?) {
      self.place = Atomic(place ?? 0)
      isBeginning = place == nil
    }
  }

  /// - Parameter token: where the client goes on; nil for from now on.
  init(
    _ watch: InvocationWatch, after token: Int64?, _ tokens: ScopedToken<Int64>,
    _ keepAlives: KeepAlives, _ call: Call, _ responses: Responses<WatchInvocationsResponse>
  ) {
    self.watch = watch
    self.tokens = tokens
    self.keepAlives = keepAlives
    self.call = call
    self.responses = responses
    known = Known(token)
  }

  static let draining = GatewayError(
    .draining, "the gateway is shutting down; go on after the resume_token",
    retryAfter: .seconds(1))

  func run() async throws {
    if known.isBeginning { known.place.store(try await next().place, ordering: .relaxed) }
    // The first message is a token to go on from before anything has happened.
    try await tellPlace()
    let keepAlive = keepAlives.start(call.server) { try await tellPlace() }
    defer { keepAlives.stop(keepAlive) }
    while true {
      for change in try await next().changes {
        keepAlive.postpone()
        try await tell(change)
      }
    }
  }

  private func next() async throws -> ChangePage {
    known.isComplete.store(true, ordering: .relaxed)
    defer { known.isComplete.store(false, ordering: .relaxed) }
    guard let page = try await watch.next() else {
      try Task.checkCancellation()
      throw Self.draining
    }
    guard !page.isExpired else { throw ResumeToken.expired }
    return page
  }

  private func tell(_ change: Change) async throws {
    var response = WatchInvocationsResponse()
    response.resumeToken = tokens.text(of: change.place)
    response.invocation = change.invocation
    response.event = change.event
    known.place.store(change.place, ordering: .relaxed)
    try await responses.write(response)
  }

  private func tellPlace() async throws {
    if known.isComplete.load(ordering: .relaxed), let place = watch.place {
      known.place.store(place, ordering: .relaxed)
    }
    var response = WatchInvocationsResponse()
    response.resumeToken = tokens.text(of: known.place.load(ordering: .relaxed))
    try await responses.write(response)
  }
}

extension WatchInvocationsRequest {
  /// What must be the same for a token to lead on.
  fileprivate func scope(in organization: Organization) -> [String] {
    [
      "changes", organization.name, event, subscriptionID, functionID,
      Set(states).map(\.rawValue).sorted().description,
    ]
  }

  fileprivate func query(
    _ tokens: ScopedToken<Int64>, in organization: Organization
  ) throws(GatewayError) -> ChangeQuery {
    let after = resumeToken.isEmpty ? nil : tokens.place(of: resumeToken)
    guard resumeToken.isEmpty || after != nil else { throw ResumeToken.invalid }
    var query = ChangeQuery(in: organization, after: after, limit: Limits.pageSizeMax)
    query.event = event.isEmpty ? nil : event
    query.subscriptionID = subscriptionID.isEmpty ? nil : subscriptionID
    query.functionID = functionID.isEmpty ? nil : functionID
    query.states = Set(states)
    return query
  }
}
