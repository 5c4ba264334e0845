internal import EventCore
internal import Executors
internal import Matching
internal import Messages

/// Takes triggers in: checks them, finds who subscribes, makes them durable and wakes the pool.
struct TriggerIntake: Sendable {
  let store: any EventStore
  let catalog: Catalog
  let pool: ExecutorPool

  enum Acceptance: Sendable {
    case accepted
    /// The same request came before: that trigger goes on, this one never was.
    case duplicate(StoredTrigger)
  }

  /// What is to be accepted: checked, its payload against the event's schema too; complete, and
  /// with who subscribes at this moment.
  func check(
    _ content: TriggerContent, in organization: Organization
  ) async throws -> TriggerPlan {
    var trigger = Trigger(content, in: organization)
    try trigger.check().finish()
    let candidates = try candidates(for: content.event, in: organization)
    trigger.complete(from: candidates.event, dataType: content.defaultDataType)
    let parsed: ParsedPayload?
    do throws(GatewayError) {
      parsed = try candidates.checkSchema(of: &trigger)
    } catch {
      guard try await isRepeated(trigger) else { throw error }
      parsed = nil
    }
    return TriggerPlan(trigger, try Self.match(trigger, candidates, parsed))
  }

  /// Whether the request id came before. The schema may have become stricter since: that request was
  /// accepted, and the store is to answer with it.
  private func isRepeated(_ trigger: Trigger) async throws(StoreError) -> Bool {
    guard !trigger.requestID.isEmpty else { return false }
    return try await store.trigger(ofRequest: trigger.requestID, in: trigger.organization) != nil
  }

  /// - Throws: NOT_FOUND if there is no such event.
  func candidates(
    for event: String, in organization: Organization
  ) throws(GatewayError) -> Candidates {
    guard let candidates = catalog.candidates(for: event, in: organization) else {
      throw Definition.Key(.event, event).notFound
    }
    return candidates
  }

  /// - Throws: RESOURCE_EXHAUSTED if too many subscriptions match.
  static func match(
    _ trigger: Trigger, _ candidates: Candidates, _ parsed: ParsedPayload? = nil
  ) throws(GatewayError) -> EventMatch {
    let match = candidates.match(trigger, parsed)
    guard match.subscriptions.count <= Limits.invocationsPerTriggerMax else {
      throw GatewayError(
        .quota,
        "\(match.subscriptions.count) subscriptions match the event '\(trigger.event)'; at most"
          + " \(Limits.invocationsPerTriggerMax) can run for one trigger")
    }
    return match
  }

  /// Returns once the trigger is durable.
  func accept(_ plan: TriggerPlan) async throws -> Acceptance {
    try acceptance(of: plan, try await store.accept(plan))
  }

  /// Returns once all of them are durable or refused: one commit, in their order.
  func accept(
    _ plans: [TriggerPlan]
  ) async throws(StoreError) -> [Result<Acceptance, GatewayError>] {
    let outcomes = try await store.accept(plans)
    return zip(plans, outcomes).map { plan, outcome in
      Result { () throws(GatewayError) in try acceptance(of: plan, outcome) }
    }
  }

  private func acceptance(
    of plan: TriggerPlan, _ outcome: AcceptOutcome
  ) throws(GatewayError) -> Acceptance {
    switch outcome {
    case .accepted(let held):
      pool.submit(plan, held: held)
      return .accepted
    case .duplicate(let stored):
      return .duplicate(stored)
    case .conflict(let triggerID):
      throw GatewayError(
        .eventIDConflict,
        "the request_id '\(plan.trigger.requestID)' was used for another trigger",
        resource: ResourceName(type: "dispatch.events.v1.Trigger", name: triggerID.description))
    case .full(let scope):
      throw Self.full(scope)
    }
  }

  private static func full(_ scope: BacklogScope) -> GatewayError {
    let (what, function): (String, String?) =
      switch scope {
      case .function(let id): ("the function '\(id)'", id)
      case .organization: ("the organization", nil)
      case .gateway: ("the gateway", nil)
      }
    return GatewayError(
      .queueFull,
      "\(what) has as many unfinished invocations as it may; nothing was accepted",
      resource: function.map { Definition.Key(.function, $0).resource },
      retryAfter: GatewayLimits.backlogRetryAfter)
  }
}

extension Trigger {
  /// As it would be received now; neither checked nor complete.
  init(_ content: TriggerContent, in organization: Organization) {
    self.init()
    self.organization = organization
    receivedAt = .now()
    triggerID = UniqueID(at: receivedAt)
    event = content.event
    payload = content.payload
    metadata = content.metadata
    source = content.source
    requestID = content.requestID
    orderingKey = content.orderingKey
    // Also one that has passed, which changes nothing: the same request later must be the same.
    deliverAt = content.deliverAt
    cloudEventID = content.cloudEventID
    cloudEventTime = content.cloudEventTime
  }
}
