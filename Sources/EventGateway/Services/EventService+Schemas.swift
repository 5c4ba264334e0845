internal import EventCore
internal import Matching
internal import Messages

/// The revisions of events' schemas.
extension EventService {
  func getSchema(_ call: Call, _ request: GetEventSchemaRequest) async throws -> SchemaRevision {
    let event: Event = try await definitions.get(request.event, "event", in: call.organization)
    let revision = request.revision > 0 ? request.revision : event.schema?.revision
    guard let revision else {
      throw GatewayError(
        .schemaNotFound, "the event '\(event.event)' has no schema",
        resource: event.definition.key.resource)
    }
    let key = Definition.Key(.schema, SchemaRevision.id(revision, of: event.event))
    guard
      let found = try await definitions.store.definition(key, in: call.organization)
        .flatMap(SchemaRevision.init)
    else {
      throw GatewayError(
        .schemaNotFound, "the event '\(event.event)' has no revision \(revision) of its schema",
        resource: key.resource)
    }
    return found
  }

  func listSchemas(
    _ call: Call, _ request: ListEventSchemasRequest
  ) async throws -> ListEventSchemasResponse {
    let event: Event = try await definitions.get(request.event, "event", in: call.organization)
    var response = ListEventSchemasResponse()
    (response.schemas, response.nextPageToken) = try await definitions.list(
      request.page, in: call.organization, references: event.definition.key)
    return response
  }

  /// Sets the new schema's revision, and says what is to be kept and to go for it.
  func schemaChanges(
    from old: Event, to new: inout Event, _ organization: Organization
  ) async throws -> [DefinitionChange] {
    guard let schema = new.schema else { return [] }
    var last = old.schema
    // One that was taken away has left its revisions.
    if last == nil, let key = try await schemas(of: old.event, in: organization).last {
      last = try await definitions.store.definition(key, in: organization)
        .flatMap(SchemaRevision.init)?.schema
    }
    let next = try schema.following(last, of: new.event)
    new.schema = next
    guard next.revision != last?.revision else { return [] }
    let oldest = try await definitions.store.definitions(
      DefinitionQuery(
        .schema, in: organization, references: old.definition.key, limit: 1)
    ).items.first.flatMap(SchemaRevision.init)
    var changes = [DefinitionChange.create(.schema(SchemaRevision(next, of: new.event)))]
    // Revisions have no gaps.
    if let oldest, next.revision - oldest.schema.revision >= Limits.schemaRevisionsMax {
      changes.append(.delete(oldest.definition.key, revision: nil))
    }
    return changes
  }

  /// The keys of an event's schemas, the oldest first. A schema may be large: all that are kept of
  /// an event are never in memory at once.
  func schemas(
    of event: String, in organization: Organization
  ) async throws -> [Definition.Key] {
    var keys: [Definition.Key] = []
    var page = Page<Definition>()
    repeat {
      page = try await definitions.store.definitions(
        DefinitionQuery(
          .schema, in: organization, references: Definition.Key(.event, event),
          after: keys.last?.id, limit: Limits.schemaRevisionsMax))
      keys += page.items.map(\.key)
    } while page.hasMore
    return keys
  }
}

extension Event {
  /// Compiles the schema, and tries the default payload against it.
  ///
  /// - Throws: SCHEMA_INVALID; if it is enforced, SCHEMA_VIOLATION or UNSUPPORTED_CONTENT_TYPE.
  func checkSchema() throws(GatewayError) {
    guard let schema else { return }
    let compiled = try CompiledSchema(schema)
    guard schema.enforcement == .enforce, !data.isEmpty else { return }
    let type = dataType.isEmpty ? Payload.defaultDataType : dataType
    let payload = Payload(data: data, dataType: type)
    try compiled.violations(of: payload).require("event.data", payload)
  }
}
