import JSON

/// Where a schema has schemas within it.
struct Subschemas {
  enum Shape {
    case schema
    case list
    case map
    case schemaOrList
    /// Draft 7's `dependencies`: schemas, or lists of names, which are no schemas.
    case mapOrNames
  }

  /// Calls `body` with each subschema of `schema`.
  static func forEach(
    of schema: JSONValue, draft: Draft, _ body: (JSONValue) throws(SchemaError) -> Void
  ) throws(SchemaError) {
    for member in schema.members {
      guard let shape = shape(of: member.name.string, draft: draft) else { continue }
      switch (shape, member.value.kind) {
      case (.schema, .object), (.schema, .boolean), (.schemaOrList, .object),
        (.schemaOrList, .boolean):
        try body(member.value)
      case (.list, .array), (.schemaOrList, .array):
        for element in member.value.elements { try body(element) }
      case (.map, .object):
        for entry in member.value.members { try body(entry.value) }
      case (.mapOrNames, .object):
        for entry in member.value.members where entry.value.kind != .array {
          try body(entry.value)
        }
      default: break
      }
    }
  }

  private static func shape(of keyword: String, draft: Draft) -> Shape? {
    switch keyword {
    case "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else":
      .schema
    case "allOf", "anyOf", "oneOf": .list
    case "properties", "patternProperties", "definitions": .map
    case "dependencies": .mapOrNames
    case "items": draft == .draft7 ? .schemaOrList : .schema
    case "additionalItems": draft == .draft7 ? .schema : nil
    case "unevaluatedItems", "unevaluatedProperties", "contentSchema":
      draft == .draft7 ? nil : .schema
    case "prefixItems": draft == .draft7 ? nil : .list
    case "dependentSchemas", "$defs": draft == .draft7 ? nil : .map
    default: nil
    }
  }
}
