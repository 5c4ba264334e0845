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
    let watch = intake.pool.watchInvocations(query)
    defer { watch.cancel() }
    // Such a stream never ends by itself, and would hold up the server's drain.
    let drain = health.whenFinished { watch.cancel() }
    defer { drain.cancel() }
    try await ChangeStream(tokens, call, responses).run(watch, after: query.after)
  }
}

/// Tells one client of changes, with the token after each.
private struct ChangeStream {
  private let tokens: ScopedToken<Int64>
  private let call: Call
  private let responses: Responses<WatchInvocationsResponse>
  /// What the client knows. It is set and told without a suspension in between, and on the call's
  /// loop, as the keep-alive is: so no token leads the client back, or past what it was not told.
  private let place = Place()

  private final class Place: Sendable {
    let value = Atomic<Int64>(0)
  }

  init(
    _ tokens: ScopedToken<Int64>, _ call: Call, _ responses: Responses<WatchInvocationsResponse>
  ) {
    self.tokens = tokens
    self.call = call
    self.responses = responses
  }

  /// - Parameter token: where the client goes on; nil for from now on.
  func run(_ watch: InvocationWatch, after token: Int64?) async throws {
    // The first message is a token to go on from before anything has happened.
    var start = token
    if start == nil { start = try await next(watch).place }
    place.value.store(start ?? 0, ordering: .relaxed)
    try await tellPlace()
    let keepAlive = KeepAlive(call.server) { try await tellPlace() }
    defer { keepAlive.stop() }
    while true {
      let page = try await next(watch)
      for change in page.changes {
        keepAlive.postpone()
        try await tell(change)
      }
      // Past what the filters left out.
      place.value.store(page.place, ordering: .relaxed)
    }
  }

  private func next(_ watch: InvocationWatch) async throws -> ChangePage {
    guard let page = try await watch.next() else {
      try Task.checkCancellation()
      throw GatewayError(
        .draining, "the gateway is shutting down; go on after the resume_token",
        retryAfter: .seconds(1))
    }
    guard !page.isExpired else { throw ResumeToken.expired }
    return page
  }

  private func tell(_ change: Change) async throws {
    var response = WatchInvocationsResponse()
    response.resumeToken = tokens.text(of: change.place)
    response.invocation = change.invocation
    response.event = change.event
    place.value.store(change.place, ordering: .relaxed)
    try await responses.write(response)
  }

  private func tellPlace() async throws {
    var response = WatchInvocationsResponse()
    response.resumeToken = tokens.text(of: place.value.load(ordering: .relaxed))
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
