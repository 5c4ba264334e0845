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
    let watch = intake.pool.watchInvocations(try request.query(tokens, in: call.organization))
    defer { watch.cancel() }
    // Such a stream never ends by itself, and would hold up the server's drain.
    let drain = Task { [health] in
      for await _ in health.watch() {}
      watch.cancel()
    }
    defer { drain.cancel() }
    try await ChangeStream(tokens, call, responses).run(watch)
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

  func run(_ watch: InvocationWatch) async throws {
    var keepAlive: KeepAlive?
    defer { keepAlive?.stop() }
    while let page = try await watch.next() {
      guard !page.isExpired else { throw ResumeToken.expired }
      for change in page.changes {
        keepAlive?.postpone()
        try await tell(change)
      }
      place.value.store(page.place, ordering: .relaxed)
      guard keepAlive == nil else { continue }
      // The beginning: a token to go on from before anything has happened.
      if page.changes.isEmpty { try await tellPlace() }
      keepAlive = KeepAlive(call.server) { try await tellPlace() }
    }
    try Task.checkCancellation()
    throw GatewayError(
      .draining, "the gateway is shutting down; go on after the resume_token",
      retryAfter: .seconds(1))
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
