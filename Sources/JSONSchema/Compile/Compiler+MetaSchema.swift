import JSON

extension Compiler {
  /// Checks the schema by its meta-schema, and those within it that have another by theirs.
  ///
  /// - Throws: what is wrong first.
  func checkAgainstMetaSchemas() throws(SchemaError) {
    let root = registry.resources[0]
    let guests = registry.resources.filter {
      $0.root.document == 0 && $0.dialect.metaSchema != root.dialect.metaSchema
    }
    let exempt = guests.map { registry.pointer(to: $0.root) }
    try check(root, exempt: exempt)
    for guest in guests { try check(guest, exempt: []) }
  }

  private func check(_ resource: SchemaResource, exempt: [String]) throws(SchemaError) {
    let metaSchema = try metaSchema(of: resource.dialect)
    let violations = metaSchema.violations(of: resource.root.value, atMost: 1 + exempt.count * 8)
    let found = violations.first { violation in
      !exempt.contains { isWithin(violation.instanceLocation, $0) }
    }
    guard let found else { return }
    let place = registry.pointer(to: resource.root) + found.instanceLocation
    throw SchemaError(Self.problem(found, at: place), at: place)
  }

  private func isWithin(_ location: String, _ root: String) -> Bool {
    location == root || location.hasPrefix(root + "/")
  }

  private func metaSchema(of dialect: Dialect) throws(SchemaError) -> Schema {
    if dialect.metaSchema == dialect.draft.uri { return MetaSchemas.schema(of: dialect.draft) }
    let uri = dialect.metaSchema
    guard let document = registry.options.resources[uri] ?? registry.options.resources[uri + "#"]
    else { return MetaSchemas.schema(of: dialect.draft) }
    do throws(SchemaError) {
      return try Schema(metaSchema: document, options: registry.options)
    } catch {
      throw SchemaError(
        "'$schema' leads to a meta-schema that \(error.problem) at '\(error.location)'", at: "")
    }
  }

  /// "'minimum' is a string; it must be a number".
  private static func problem(_ violation: SchemaViolation, at place: String) -> String {
    guard let keyword = JSONPointer(place)?.tokens.last else { return violation.problem }
    return "'\(Cited.text(keyword))' \(violation.problem)"
  }
}
