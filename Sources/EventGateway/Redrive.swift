internal import EventCore
internal import Executors
internal import Messages

/// RedriveDeadLetters: finds dead letters and takes them up again, the oldest trigger's first.
struct Redrive: Sendable {
  let store: any EventStore
  let pool: ExecutorPool

  func run(
    _ request: RedriveDeadLettersRequest, in organization: Organization
  ) async throws -> RedriveDeadLettersResponse {
    let limit = try Self.limit(request.limit, atMost: GatewayLimits.redriveMax)
    var query = InvocationQuery(
      in: organization,
      subscriptionID: request.subscriptionID.isEmpty ? nil : request.subscriptionID,
      functionID: request.functionID.isEmpty ? nil : request.functionID, states: [.failed],
      withResults: false, limit: Limits.pageSizeMax)
    query.event = request.event.isEmpty ? nil : request.event
    query.received = try request.received?.range("received")
    // All of them before the first is taken up: one that fails again at once is not taken twice.
    let found = try await oldest(limit, query, errorCode: request.errorCode)
    var response = RedriveDeadLettersResponse()
    response.hasMore = found.hasMore
    response.count =
      request.dryRun
      ? Int32(found.items.count) : try await takeUp(found.items, in: organization)
    return response
  }

  /// - Returns: what a request's `limit` stands for.
  static func limit(_ asked: Int32, atMost most: Int) throws(GatewayError) -> Int {
    guard asked >= 0 else {
      throw .invalid("limit", "is \(asked); it must be 0 (the most) or more")
    }
    return asked == 0 ? most : min(Int(asked), most)
  }

  /// The last `limit` of a list that begins with the newest, in memory for at most twice as many.
  ///
  /// - Returns: the oldest trigger's first.
  func oldest(
    _ limit: Int, _ query: InvocationQuery, errorCode: String
  ) async throws -> Page<InvocationID> {
    var query = query
    var found = Page<InvocationID>()
    var page = Page<Invocation>()
    repeat {
      try Task.checkCancellation()
      page = try await store.invocations(query)
      query.after = page.items.last?.id
      for letter in page.items where errorCode.isEmpty || letter.error?.code == errorCode {
        found.items.append(letter.id)
      }
      if found.items.count >= 2 * limit { found.keepLast(limit) }
    } while page.hasMore
    found.keepLast(limit)
    found.items = Self.oldestFirst(found.items)
    return found
  }

  /// Turns the order of triggers round, but not that of a trigger's invocations.
  private static func oldestFirst(_ newestFirst: [InvocationID]) -> [InvocationID] {
    var runs: [ArraySlice<InvocationID>] = []
    var rest = newestFirst[...]
    while let triggerID = rest.first?.triggerID {
      let run = rest.prefix { $0.triggerID == triggerID }
      runs.append(run)
      rest = rest[run.endIndex...]
    }
    return runs.reversed().flatMap { $0 }
  }

  /// - Returns: how many. Those that somebody else took up meanwhile don't count.
  private func takeUp(
    _ letters: [InvocationID], in organization: Organization
  ) async throws -> Int32 {
    var count = 0
    var rest = letters[...]
    while !rest.isEmpty {
      try Task.checkCancellation()
      let batch = rest.prefix(GatewayLimits.redriveBatch)
      rest = rest.dropFirst(batch.count)
      let changed = try await StoreError.retryingOverload {
        try await pool.redrive(Array(batch), in: organization)
      }
      // With them come members of their groups that were skipped.
      count += Set(batch).intersection(changed.map(\.id)).count
    }
    return Int32(count)
  }
}

extension Page<InvocationID> {
  fileprivate mutating func keepLast(_ limit: Int) {
    guard items.count > limit else { return }
    items.removeFirst(items.count - limit)
    hasMore = true
  }
}
