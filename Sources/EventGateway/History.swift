internal import EventCore
internal import Executors
internal import Messages

/// Reads what was triggered and what came of it: the store's word, with RUNNING from the pool.
struct History: Sendable {
  let store: any EventStore
  let pool: ExecutorPool

  /// - Throws: NOT_FOUND if there is none.
  func trigger(_ text: String, in organization: Organization) async throws -> StoredTrigger {
    guard !text.isEmpty else { throw GatewayError.invalid("trigger_id", "is required") }
    guard let id = UniqueID(text), let trigger = try await trigger(id, in: organization) else {
      throw Self.noTrigger(text)
    }
    return trigger
  }

  func trigger(_ id: UniqueID, in organization: Organization) async throws -> StoredTrigger? {
    try await store.trigger(id, in: organization).map(pool.current)
  }

  func triggers(
    _ request: ListTriggersRequest, in organization: Organization
  ) async throws -> ListTriggersResponse {
    let cursor = try PageCursor<UniqueID>(
      request.page,
      scope: ["triggers", organization.name, request.event, request.received?.scope ?? ""])
    let query = TriggerQuery(
      in: organization, event: request.event.isEmpty ? nil : request.event,
      received: try request.received?.range("received"), after: cursor.after, limit: cursor.limit)
    var response = ListTriggersResponse()
    let stored = try await store.triggers(query)
    response.triggers = stored.items.map(pool.current)
    response.nextPageToken = cursor.token(
      after: stored.items.last?.trigger.triggerID, hasMore: stored.hasMore)
    return response
  }

  /// - Throws: NOT_FOUND if there is none.
  func invocation(_ text: String, in organization: Organization) async throws -> Invocation {
    guard !text.isEmpty else { throw GatewayError.invalid("invocation_id", "is required") }
    guard let id = InvocationID(text),
      let invocation = try await store.invocation(id, in: organization)
    else { throw Self.noInvocation(text) }
    return pool.current(invocation)
  }

  func invocations(
    _ request: ListInvocationsRequest, in organization: Organization
  ) async throws -> ListInvocationsResponse {
    let wanted = Set(request.states)
    let cursor = try PageCursor<InvocationID>(
      request.page, scope: Self.scope(request, wanted, organization))
    var query = InvocationQuery(
      in: organization, triggerID: try Self.triggerID(request.triggerID),
      subscriptionID: request.subscriptionID.isEmpty ? nil : request.subscriptionID,
      functionID: request.functionID.isEmpty ? nil : request.functionID,
      states: Self.stored(wanted), withResults: false, after: cursor.after, limit: cursor.limit)
    query.event = request.event.isEmpty ? nil : request.event
    query.received = try request.received?.range("received")
    let stored = try await store.invocations(query)
    var response = ListInvocationsResponse()
    response.invocations = stored.items.map(pool.current).filter {
      wanted.isEmpty || wanted.contains($0.state)
    }
    response.nextPageToken = cursor.token(after: stored.items.last?.id, hasMore: stored.hasMore)
    return response
  }

  private static func scope(
    _ request: ListInvocationsRequest, _ wanted: Set<Invocation.State>,
    _ organization: Organization
  ) -> [String] {
    [
      "invocations", organization.name, request.triggerID, request.subscriptionID,
      request.functionID, wanted.map(\.rawValue).sorted().description, request.event,
      request.received?.scope ?? "",
    ]
  }

  /// A page of one trigger's invocations with their results, by ordinal; as long as
  /// `Limits.pageBytesMax` lets it be.
  func invocations(of trigger: Trigger, after last: InvocationID?) async throws -> Page<Invocation>
  {
    let query = InvocationQuery(
      in: trigger.organization, triggerID: trigger.triggerID, after: last,
      limit: Limits.pageSizeMax)
    var page = try await store.invocations(query)
    page.items = page.items.map(pool.current)
    return page
  }

  static func noTrigger(_ text: String) -> GatewayError {
    let name = String(text.prefix(64))
    return GatewayError(
      .triggerNotFound, "there is no trigger '\(name)'",
      resource: ResourceName(type: "dispatch.events.v1.Trigger", name: name))
  }

  static func noInvocation(_ text: String) -> GatewayError {
    let name = String(text.prefix(64))
    return GatewayError(
      .invocationNotFound, "there is no invocation '\(name)'",
      resource: ResourceName(type: "dispatch.events.v1.Invocation", name: name))
  }

  private static func triggerID(_ text: String) throws(GatewayError) -> UniqueID? {
    guard !text.isEmpty else { return nil }
    guard let id = UniqueID(text) else {
      throw .invalid("trigger_id", "is not the id of a trigger")
    }
    return id
  }

  /// The states under which the store keeps those that are wanted: what runs is PENDING or RETRYING
  /// there.
  private static func stored(_ wanted: Set<Invocation.State>) -> Set<Invocation.State> {
    guard wanted.contains(.running) else { return wanted }
    return wanted.subtracting([.running]).union([.pending, .retrying])
  }
}
