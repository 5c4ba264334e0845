import JSON

/// Keywords for values of each kind.
extension Compiler {
  func types(_ context: Context) throws(SchemaError) -> TypeSet {
    guard let value = context.schema.value["type"] else { return .any }
    if let name = value.string { return try type(named: name, context) }
    guard value.kind == .array else { throw malformed("type", "a string or an array", context) }
    var types = TypeSet()
    var hasNumber = false
    for element in value.elements {
      let type = try type(named: element.string ?? "", context)
      hasNumber = hasNumber || type == .number
      types.formUnion(type)
    }
    if hasNumber { types.remove(.integersOnly) }
    return types
  }

  private func type(named name: String, _ context: Context) throws(SchemaError) -> TypeSet {
    switch name {
    case "null": return .null
    case "boolean": return .boolean
    case "number": return .number
    case "integer": return [.number, .integersOnly]
    case "string": return .string
    case "array": return .array
    case "object": return .object
    default: throw malformed("type", "the name of a type, or an array of them", context)
    }
  }

  mutating func bounds(_ context: Context) throws(SchemaError) -> Span {
    let keywords: [(String, Bound.Relation)] = [
      ("minimum", .atLeast), ("exclusiveMinimum", .above), ("maximum", .atMost),
      ("exclusiveMaximum", .below), ("multipleOf", .multipleOf),
    ]
    var span = Span(start: Int32(program.bounds.count))
    for (keyword, relation) in keywords {
      guard let number = try number(keyword, context) else { continue }
      if relation == .multipleOf, number.exact.isNegative || number.exact.digits.isEmpty {
        throw malformed(keyword, "above 0", context)
      }
      if relation == .multipleOf, number.exact.digits.count > JSONNumber.divisorDigitsMax {
        throw malformed(keyword, "of at most \(JSONNumber.divisorDigitsMax) digits", context)
      }
      program.bounds.append(Bound(relation: relation, number: number))
      span.count += 1
    }
    return span
  }

  mutating func strings(_ context: Context) throws(SchemaError) -> Int32 {
    var plan = StringPlan()
    var isUsed = false
    if context.has(.validation) {
      let lengthMin = try count("minLength", context)
      let lengthMax = try count("maxLength", context)
      plan.lengthMin = lengthMin ?? plan.lengthMin
      plan.lengthMax = lengthMax ?? plan.lengthMax
      isUsed = lengthMin != nil || lengthMax != nil
      if let pattern = try string("pattern", context) {
        plan.pattern = try self.pattern(pattern, keyword: "pattern", context)
        isUsed = true
      }
    }
    if registry.options.assertsFormat || context.has(.formatAssertion),
      let name = context.schema.value["format"]?.string, let format = Format(rawValue: name)
    {
      plan.format = format
      isUsed = true
    }
    guard isUsed else { return -1 }
    program.strings.append(plan)
    return Int32(program.strings.count - 1)
  }

  mutating func pattern(
    _ text: String, keyword: String, _ context: Context
  ) throws(SchemaError) -> Int32 {
    do throws(PatternError) {
      let location = { [registry] in registry.pointer(to: context.schema) + "/" + keyword }
      return try patterns.index(of: text, location: location)
    } catch {
      throw SchemaError(
        "'\(Cited.text(text))' \(error.problem)",
        at: registry.pointer(to: context.schema) + "/" + keyword)
    }
  }

  mutating func arrays(_ context: Context) throws(SchemaError) -> Int32 {
    var plan = ArrayPlan()
    if context.has(.validation) {
      plan.countMin = try count("minItems", context) ?? 0
      plan.countMax = try count("maxItems", context) ?? .max
      plan.isUnique = context.schema.value["uniqueItems"]?.boolean == true
    }
    if context.has(.applicator) {
      try addItems(to: &plan, context)
      plan.contains = try subschema("contains", context)
      plan.containsEvaluates = context.dialect.draft != .draft7
      if context.has(.validation), context.dialect.draft != .draft7 {
        plan.containsMin = try count("minContains", context) ?? 1
        plan.containsMax = try count("maxContains", context) ?? .max
      }
    }
    guard
      plan.countMin > 0 || plan.countMax < .max || plan.isUnique || !plan.prefix.isEmpty
        || plan.rest != .none || plan.contains != .none
    else { return -1 }
    program.arrays.append(plan)
    return Int32(program.arrays.count - 1)
  }

  private mutating func addItems(
    to plan: inout ArrayPlan, _ context: Context
  ) throws(SchemaError) {
    if context.dialect.draft != .draft7 {
      plan.prefix = try subschemas("prefixItems", context) ?? Span()
      plan.rest = try subschema("items", context)
    } else if context.schema.value["items"]?.kind == .array {
      plan.prefix = try subschemas("items", context) ?? Span()
      plan.rest = try subschema("additionalItems", context)
    } else {
      plan.rest = try subschema("items", context)
    }
  }
}
