import JSON

/// Reading keywords. The schema has satisfied its meta-schema, but places that only a reference makes
/// schemas have not, nor have other documents.
extension Compiler {
  func error(_ problem: String, _ context: Context) -> SchemaError {
    SchemaError(problem, at: registry.pointer(to: context.schema))
  }

  func malformed(_ keyword: String, _ expected: String, _ context: Context) -> SchemaError {
    error("'\(keyword)' must be \(expected)", context)
  }

  /// A length or count; what is beyond 31 bits is as good as the most of them.
  func count(_ keyword: String, _ context: Context) throws(SchemaError) -> Int32? {
    guard let value = context.schema.value[keyword] else { return nil }
    guard let number = value.number, number.isInteger, !number.isNegative else {
      throw malformed(keyword, "an integer that is not negative", context)
    }
    let exact = ExactNumber(number)
    return exact.isSmall ? Int32(min(exact.integer, Int64(Int32.max - 1))) : .max - 1
  }

  func number(_ keyword: String, _ context: Context) throws(SchemaError) -> ExactNumber? {
    guard let value = context.schema.value[keyword] else { return nil }
    guard let number = value.number else { throw malformed(keyword, "a number", context) }
    return ExactNumber(number)
  }

  func string(_ keyword: String, _ context: Context) throws(SchemaError) -> String? {
    guard let value = context.schema.value[keyword] else { return nil }
    guard let string = value.string else { throw malformed(keyword, "a string", context) }
    return string
  }

  func object(_ keyword: String, _ context: Context) throws(SchemaError) -> JSONValue? {
    guard let value = context.schema.value[keyword] else { return nil }
    guard value.kind == .object else { throw malformed(keyword, "an object", context) }
    return value
  }

  func array(_ keyword: String, _ context: Context) throws(SchemaError) -> JSONValue? {
    guard let value = context.schema.value[keyword] else { return nil }
    guard value.kind == .array else { throw malformed(keyword, "an array", context) }
    return value
  }

  func names(
    _ value: JSONValue, _ keyword: String, _ context: Context
  ) throws(SchemaError) -> [JSONName] {
    var names: [JSONName] = []
    for element in value.elements {
      guard let name = element.string else {
        throw malformed(keyword, "an array of strings", context)
      }
      names.append(JSONName(name))
    }
    return names
  }

  /// The node of a keyword that is a schema; none if the keyword isn't there.
  mutating func subschema(
    _ keyword: String, _ context: Context
  ) throws(SchemaError) -> NodeIndex {
    guard let value = context.schema.value[keyword] else { return .none }
    return try subschema(value, context)
  }

  mutating func subschema(
    _ value: JSONValue, _ context: Context
  ) throws(SchemaError) -> NodeIndex {
    let schema = context.located(value)
    return try node(for: schema, in: registry.resource(of: schema) ?? context.resource)
  }

  mutating func subschemas(
    _ keyword: String, _ context: Context
  ) throws(SchemaError) -> Span? {
    guard let value = try array(keyword, context) else { return nil }
    var list: [NodeIndex] = []
    for element in value.elements { list.append(try subschema(element, context)) }
    return append(list)
  }
}
