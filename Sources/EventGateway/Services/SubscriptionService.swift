internal import EventCore
internal import GRPC
internal import Matching
internal import Messages

/// dispatch.events.v1.SubscriptionService; pausing and groups have files of their own.
struct SubscriptionService: Sendable {
  let definitions: Definitions
  let catalog: Catalog

  func register(in router: inout Router) {
    let service = "/dispatch.events.v1.SubscriptionService"
    router.unary("\(service)/CreateSubscription", create)
    router.unary("\(service)/GetSubscription", get)
    router.unary("\(service)/ListSubscriptions", list)
    router.unary("\(service)/UpdateSubscription", update)
    router.unary("\(service)/DeleteSubscription", delete)
    router.unary("\(service)/PauseSubscription", pause)
    router.unary("\(service)/ResumeSubscription", resume)
    router.unary("\(service)/CreateSubscriptionGroup", createGroup)
    router.unary("\(service)/GetSubscriptionGroup", getGroup)
    router.unary("\(service)/ListSubscriptionGroups", listGroups)
    router.unary("\(service)/UpdateSubscriptionGroup", updateGroup)
    router.unary("\(service)/DeleteSubscriptionGroup", deleteGroup)
  }

  private func create(
    _ call: Call, _ request: CreateSubscriptionRequest
  ) async throws -> Subscription {
    var subscription = request.subscription
    subscription.isManaged = false
    subscription.isPaused = false
    subscription.stateReason = ""
    (subscription.filterErrorCount, subscription.filterError) = (0, "")
    if subscription.subscriptionID.isEmpty {
      subscription.subscriptionID = Self.newID(for: request.requestID)
    }
    var check = subscription.check("subscription")
    check.text(request.requestID, atMost: Limits.requestIDBytesMax, "request_id")
    try check.finish()
    try subscription.checkExpressions("subscription")
    try await checkDeadLetterEvent(of: subscription, in: call.organization)
    let transaction = DefinitionTransaction(
      in: call.organization, [.create(.subscription(subscription))],
      requestID: request.requestID, validateOnly: request.validateOnly)
    return try await definitions.commit(transaction) ?? subscription
  }

  /// Follows from the request id, so that the same request once more means the same subscription.
  private static func newID(for requestID: String) -> String {
    guard !requestID.isEmpty else { return "s-\(UniqueID(at: .now()))" }
    let high = StableHash.fnv1a(requestID.utf8)
    return "s-\(UniqueID(high: high, low: StableHash.fnv1a(requestID.utf8, seed: high)))"
  }

  private func get(_ call: Call, _ request: GetSubscriptionRequest) async throws -> Subscription {
    let subscription: Subscription = try await definitions.get(
      request.subscriptionID, "subscription_id", in: call.organization)
    return withFilterErrors(subscription, in: call.organization)
  }

  /// With what its filter has come to since the gateway started.
  func withFilterErrors(
    _ subscription: Subscription, in organization: Organization
  ) -> Subscription {
    guard let compiled = catalog.compiled(subscription.subscriptionID, in: organization) else {
      return subscription
    }
    var subscription = subscription
    (subscription.filterErrorCount, subscription.filterError) = compiled.filterErrors
    return subscription
  }

  private func list(
    _ call: Call, _ request: ListSubscriptionsRequest
  ) async throws -> ListSubscriptionsResponse {
    let references: Definition.Key?
    switch (request.event.isEmpty, request.functionID.isEmpty) {
    case (false, false): throw GatewayError.invalid("function_id", "can't be set with event")
    case (false, true): references = Definition.Key(.event, request.event)
    case (true, false): references = Definition.Key(.function, request.functionID)
    case (true, true): references = nil
    }
    var response = ListSubscriptionsResponse()
    (response.subscriptions, response.nextPageToken) = try await definitions.list(
      request.page, in: call.organization, references: references)
    response.subscriptions = response.subscriptions.map {
      withFilterErrors($0, in: call.organization)
    }
    return response
  }

  private func update(
    _ call: Call, _ request: UpdateSubscriptionRequest
  ) async throws -> Subscription {
    let update = request.subscription
    return try await definitions.change(
      Subscription.self, update.subscriptionID, "subscription.subscription_id",
      etag: update.stamp.etag,
      in: call.organization, validateOnly: request.validateOnly
    ) { current in
      try Self.refuseManaged(current)
      let merged = try current.merging(update, mask: request.updateMask)
      try merged.check("subscription").finish()
      try merged.checkExpressions("subscription")
      if merged.delivery.deadLetterEvent != current.delivery.deadLetterEvent {
        try await checkDeadLetterEvent(of: merged, in: call.organization)
      }
      return [.update(.subscription(merged), revision: current.stamp.revision)]
    } ?? update
  }

  /// The event must be there when it is written; later it may go, and no dead letter triggers it.
  private func checkDeadLetterEvent(
    of subscription: Subscription, in organization: Organization
  ) async throws {
    let event = subscription.delivery.deadLetterEvent
    guard !event.isEmpty else { return }
    guard event != subscription.event else {
      throw GatewayError.invalid(
        "subscription.delivery.dead_letter_event",
        "is the subscription's own event: what fails would come back to it")
    }
    let key = Definition.Key(.event, event)
    guard try await definitions.store.definition(key, in: organization) != nil else {
      throw key.notFound
    }
  }

  private func delete(_ call: Call, _ request: DeleteSubscriptionRequest) async throws -> Empty {
    try await definitions.change(
      Subscription.self, request.subscriptionID, "subscription_id", etag: request.etag,
      in: call.organization
    ) { subscription in
      try Self.refuseManaged(subscription)
      return [.delete(subscription.definition.key, revision: subscription.stamp.revision)]
    }
    return Empty()
  }

  private static func refuseManaged(_ subscription: Subscription) throws(GatewayError) {
    guard subscription.isManaged else { return }
    throw GatewayError(
      .managedSubscription,
      "the subscription '\(subscription.subscriptionID)' belongs to the function_id of event"
        + " '\(subscription.event)'; change it there",
      resource: subscription.definition.key.resource)
  }
}
