internal import EventCore
internal import GRPC
internal import Matching
internal import Messages

/// dispatch.events.v1.EventService; what is about schemas has files of its own.
struct EventService: Sendable {
  let definitions: Definitions
  let catalog: Catalog

  func register(in router: inout Router) {
    let service = "/dispatch.events.v1.EventService"
    router.unary("\(service)/CreateEvent", create)
    router.unary("\(service)/GetEvent", get)
    router.unary("\(service)/ListEvents", list)
    router.unary("\(service)/UpdateEvent", update)
    router.unary("\(service)/DeleteEvent", delete)
    router.unary("\(service)/ValidateEvent", validate)
    router.unary("\(service)/GetEventSchema", getSchema)
    router.unary("\(service)/ListEventSchemas", listSchemas)
  }

  private func create(_ call: Call, _ request: CreateEventRequest) async throws -> Event {
    var event = request.event
    event.receivedAt = nil
    event.schemaViolationCount = 0
    var check = event.check("event")
    check.text(request.requestID, atMost: Limits.requestIDBytesMax, "request_id")
    try check.finish()
    try event.checkSchema()
    event.schema = try event.schema?.following(nil, of: event.event)
    let managed = event.managedSubscription.map { DefinitionChange.create(.subscription($0)) }
    let schema = event.schema.map {
      DefinitionChange.create(.schema(SchemaRevision($0, of: event.event)))
    }
    let transaction = DefinitionTransaction(
      in: call.organization, [.create(.event(event))] + [managed, schema].compactMap { $0 },
      requestID: request.requestID, validateOnly: request.validateOnly)
    return try await definitions.commit(transaction) ?? event
  }

  private func get(_ call: Call, _ request: GetEventRequest) async throws -> Event {
    let event: Event = try await definitions.get(
      request.event, "event", in: call.organization)
    return counted(event, in: call.organization)
  }

  private func list(_ call: Call, _ request: ListEventsRequest) async throws -> ListEventsResponse {
    var response = ListEventsResponse()
    (response.events, response.nextPageToken) = try await definitions.list(
      request.page, in: call.organization)
    response.events = response.events.map { counted($0, in: call.organization) }
    return response
  }

  /// With what is counted since the gateway started.
  private func counted(_ event: Event, in organization: Organization) -> Event {
    var event = event
    let compiled = catalog.compiledEvent(event.event, in: organization)
    event.schemaViolationCount = compiled?.violationCount ?? 0
    return event
  }

  private func update(_ call: Call, _ request: UpdateEventRequest) async throws -> Event {
    var receivedAt: Timestamp?
    let written = try await definitions.change(
      Event.self, request.event.event, "event.event", etag: request.event.stamp.etag,
      in: call.organization,
      validateOnly: request.validateOnly
    ) { current in
      receivedAt = current.receivedAt
      var merged = try current.merging(request.event, mask: request.updateMask)
      try merged.check("event").finish()
      try merged.checkSchema()
      let schemas = try await schemaChanges(from: current, to: &merged, call.organization)
      return [.update(.event(merged), revision: current.stamp.revision)]
        + (try await managedChanges(from: current, to: merged, call.organization)) + schemas
    }
    var event = written ?? request.event
    event.receivedAt = receivedAt
    return counted(event, in: call.organization)
  }

  /// Keeps the managed subscription in step with `function_id`.
  private func managedChanges(
    from old: Event, to new: Event, _ organization: Organization
  ) async throws -> [DefinitionChange] {
    guard old.functionID != new.functionID else { return [] }
    let key = Definition.Key(.subscription, Subscription.managedID(for: old.event))
    guard let subscription = new.managedSubscription else {
      return [.delete(key, revision: nil)]
    }
    if old.functionID.isEmpty { return [.create(.subscription(subscription))] }
    let stored = try await definitions.store.definition(key, in: organization)
    // Also if it is paused, it stays what it was but for the function. If it is gone, the event has
    // changed too: revision 0 is none, and makes the transaction stale.
    var changed = stored.flatMap(Subscription.init) ?? subscription
    changed.functionID = new.functionID
    return [.update(.subscription(changed), revision: changed.stamp.revision)]
  }

  private func delete(_ call: Call, _ request: DeleteEventRequest) async throws -> Empty {
    try await definitions.change(
      Event.self, request.event, "event", etag: request.etag, in: call.organization,
      isForced: request.force
    ) { event in
      let key = event.definition.key
      let subscriptions: [Subscription] = try await definitions.dependents(
        of: key, in: call.organization)
      let groups: [SubscriptionGroup] =
        request.force ? try await definitions.dependents(of: key, in: call.organization) : []
      return [.delete(key, revision: event.stamp.revision)]
        + subscriptions.filter { $0.isManaged || request.force }
        .map { .delete($0.definition.key, revision: nil) }
        + groups.map { .delete($0.definition.key, revision: nil) }
        + (try await schemas(of: request.event, in: call.organization))
        .map { .delete($0, revision: nil) }
    }
    return Empty()
  }
}
