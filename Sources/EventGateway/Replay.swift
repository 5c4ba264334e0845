internal import EventCore
internal import Matching
internal import Messages

/// ReplayTriggers: triggers copies of past triggers, the oldest first.
struct Replay: Sendable {
  let intake: TriggerIntake

  /// - Parameter now: what was received from then on is not past.
  func run(
    _ request: ReplayTriggersRequest, in organization: Organization, at now: Timestamp
  ) async throws -> ReplayTriggersResponse {
    var check = FieldCheck()
    check.name(request.event, .event, "event")
    check.text(request.requestID, atMost: Limits.requestIDBytesMax, "request_id")
    try check.finish()
    let limit = try Redrive.limit(request.limit, atMost: GatewayLimits.replayMax)
    let candidates = try candidates(request, in: organization)
    var page = PageRequest()
    page.token = request.pageToken
    let cursor = try PageCursor<Place>(page, scope: request.scope(in: organization))
    var walk = Walk(
      candidates: candidates, requestID: request.requestID, isDryRun: request.dryRun, limit: limit,
      now: now,
      before: cursor.after?.before ?? now, last: cursor.after?.triggerID)
    let isDone = try await walk.run(
      request, in: organization, try request.received?.range("received"), intake)
    var response = ReplayTriggersResponse()
    response.count = Int32(walk.count)
    let place = walk.last.map { Place(triggerID: $0, before: walk.before) }
    response.nextPageToken = cursor.token(after: place, hasMore: !isDone)
    return response
  }

  /// For whom the copies are.
  private func candidates(
    _ request: ReplayTriggersRequest, in organization: Organization
  ) throws(GatewayError) -> Candidates {
    let candidates = try intake.candidates(for: request.event, in: organization)
    let only = request.subscriptionID
    guard !only.isEmpty else { return candidates }
    guard intake.catalog.subscription(only, in: organization) != nil else {
      throw Definition.Key(.subscription, only).notFound
    }
    guard let candidate = candidates.only(only) else {
      throw .invalid("subscription_id", "is of a subscription that does not match the event")
    }
    return candidate
  }
}

extension Replay {
  /// Where a call stopped, and what it counted as past.
  struct Place: LosslessStringConvertible {
    let triggerID: UniqueID
    let before: Timestamp

    init(triggerID: UniqueID, before: Timestamp) {
      self.triggerID = triggerID
      self.before = before
    }

    init?(_ text: String) {
      let parts = text.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 2, let triggerID = UniqueID(String(parts[0])),
        let before = Int64(parts[1])
      else { return nil }
      self.init(triggerID: triggerID, before: Timestamp(nanoseconds: before))
    }

    var description: String { "\(triggerID) \(before.nanoseconds)" }
  }

  /// One call's way through the event's triggers.
  fileprivate struct Walk {
    let candidates: Candidates
    let requestID: String
    let isDryRun: Bool
    let limit: Int
    let now: Timestamp
    /// Only what was received before; the same for all calls that follow from one.
    let before: Timestamp
    /// The last trigger that was dealt with.
    var last: UniqueID?
    var count = 0
  }
}

extension Replay.Walk {
  /// - Returns: whether that was all.
  mutating func run(
    _ request: ReplayTriggersRequest, in organization: Organization,
    _ received: Range<Timestamp>?, _ intake: TriggerIntake
  ) async throws -> Bool {
    let first = received?.lowerBound ?? Timestamp(nanoseconds: .min)
    let end = min(received?.upperBound ?? before, before)
    guard first < end else { return true }
    var query = TriggerQuery(
      in: organization, event: request.event, received: first..<end, after: last,
      limit: GatewayLimits.replayPage)
    query.isOldestFirst = true
    var page = Page<StoredTrigger>()
    repeat {
      try Task.checkCancellation()
      page = try await intake.store.triggers(query)
      for past in page.items.map(\.trigger) {
        if past.replayTime == nil, try await !take(past, intake) { return false }
        last = past.triggerID
      }
      query.after = last
    } while page.hasMore
    return true
  }

  /// - Returns: false if it is left for another call.
  private mutating func take(_ past: Trigger, _ intake: TriggerIntake) async throws -> Bool {
    guard count < limit else { return false }
    if !isDryRun {
      let copy = copy(of: past)
      let plan = TriggerPlan(copy, try TriggerIntake.match(copy, candidates))
      do {
        // One that was made by the same call before counts as well: the answer is the same.
        _ = try await StoreError.retryingOverload { try await intake.accept(plan) }
      } catch let error as GatewayError where error.reason == .queueFull && count > 0 {
        return false
      } catch StoreError.overloaded where count > 0 {
        return false
      }
    }
    count += 1
    return true
  }

  private func copy(of past: Trigger) -> Trigger {
    var copy = past
    copy.triggerID = UniqueID(at: .now())
    copy.replayTime = now
    copy.requestID = requestID.isEmpty ? "" : Self.requestID(requestID, of: past.triggerID)
    copy.deliverAt = nil
    copy.deadLetterHops = 0
    copy.eventRevision = candidates.event.stamp.revision
    return copy
  }

  /// By the store's own rule, the same call makes of the same trigger one copy only.
  private static func requestID(_ requestID: String, of triggerID: UniqueID) -> String {
    let name = "\(triggerID) \(requestID)".utf8
    let high = StableHash.fnv1a(name)
    let low = StableHash.mixed(StableHash.fnv1a(name, seed: high))
    return "replay-\(UniqueID(high: high, low: low))"
  }
}

extension ReplayTriggersRequest {
  /// What must be the same for a page token to lead on.
  fileprivate func scope(in organization: Organization) -> [String] {
    ["replay", organization.name, event, subscriptionID, requestID, received?.scope ?? ""]
  }
}
