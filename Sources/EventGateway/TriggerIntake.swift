internal import EventCore
internal import Executors
internal import Messages

/// Takes triggers in: checks them, finds who subscribes, makes them durable and wakes the pool.
struct TriggerIntake: Sendable {
  let store: any EventStore
  let catalog: Catalog
  let pool: ExecutorPool

  /// A trigger that was checked but is not durable yet.
  struct Candidate: Sendable {
    let trigger: Trigger
    /// One for each subscription that matches now: the snapshot that acceptance makes binding.
    let invocations: [Invocation]

    /// As it is once it is durable.
    var stored: StoredTrigger {
      StoredTrigger(trigger, InvocationTally(.accepted, count: invocations.count))
    }
  }

  enum Acceptance: Sendable {
    case accepted
    /// The same request came before: that trigger goes on, this one never was.
    case duplicate(StoredTrigger)
  }

  func check(
    _ content: TriggerContent, in organization: Organization
  ) throws(GatewayError) -> Candidate {
    var trigger = Trigger(content, in: organization)
    try trigger.check().finish()
    guard let match = catalog.match(content.event, in: organization) else {
      throw Definition.Key(.event, content.event).notFound
    }
    guard match.subscriptions.count <= Limits.invocationsPerTriggerMax else {
      throw GatewayError(
        .quota,
        "\(match.subscriptions.count) subscriptions match the event '\(content.event)'; at most"
          + " \(Limits.invocationsPerTriggerMax) can run for one trigger")
    }
    trigger.complete(from: match.event)
    let invocations = match.subscriptions.enumerated().map { ordinal, subscription in
      Invocation(of: trigger, ordinal, subscription)
    }
    return Candidate(trigger: trigger, invocations: invocations)
  }

  /// Returns once the trigger is durable.
  func accept(_ candidate: Candidate) async throws -> Acceptance {
    switch try await store.accept(candidate.trigger, candidate.invocations) {
    case .accepted:
      pool.submit(candidate.trigger, candidate.invocations)
      return .accepted
    case .duplicate(let stored):
      return .duplicate(stored)
    case .conflict(let triggerID):
      throw GatewayError(
        .eventIDConflict,
        "the request_id '\(candidate.trigger.requestID)' was used for another trigger",
        resource: ResourceName(type: "dispatch.events.v1.Trigger", name: triggerID.description))
    }
  }
}

extension Trigger {
  fileprivate init(_ content: TriggerContent, in organization: Organization) {
    self.init()
    self.organization = organization
    receivedAt = .now()
    triggerID = UniqueID(at: receivedAt)
    event = content.event
    payload = content.payload
    metadata = content.metadata
    source = content.source
    requestID = content.requestID
  }
}

extension Invocation {
  fileprivate init(of trigger: Trigger, _ ordinal: Int, _ subscription: Subscription) {
    self.init()
    id = InvocationID(triggerID: trigger.triggerID, ordinal: ordinal)
    subscriptionID = subscription.subscriptionID
    functionID = subscription.functionID
  }
}
