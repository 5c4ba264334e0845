import JSON

/// Keywords for objects.
extension Compiler {
  mutating func objects(_ context: Context) throws(SchemaError) -> Int32 {
    var plan = ObjectPlan()
    var properties = PropertyTable()
    if context.has(.applicator) {
      for member in try object("properties", context)?.members.map({ $0 }) ?? [] {
        properties[JSONName(member.name.string)].schema = try subschema(member.value, context)
      }
      plan.patterns = try patternProperties(context)
      plan.additional = try subschema("additionalProperties", context)
      plan.names = try subschema("propertyNames", context)
    }
    if context.has(.validation) {
      plan.countMin = try count("minProperties", context) ?? 0
      plan.countMax = try count("maxProperties", context) ?? .max
      if let required = try array("required", context) {
        for name in try names(required, "required", context) {
          properties[name].isRequired = true
        }
      }
    }
    plan.requiredCount = Int32(properties.requiredCount)
    plan.table = properties.append(to: &program)
    plan.dependencies = try dependencies(context)
    guard
      plan.table.count > 0 || plan.patterns.count > 0 || plan.additional != .none
        || plan.names != .none || plan.countMin > 0 || plan.countMax < .max
        || plan.dependencies.count > 0
    else { return -1 }
    program.objects.append(plan)
    return Int32(program.objects.count - 1)
  }

  private mutating func patternProperties(_ context: Context) throws(SchemaError) -> Span {
    guard let map = try object("patternProperties", context) else { return Span() }
    var list: [PatternProperty] = []
    for member in map.members {
      let pattern = try pattern(member.name.string, keyword: "patternProperties", context)
      list.append(
        PatternProperty(pattern: pattern, schema: try subschema(member.value, context)))
    }
    defer { program.patternProperties += list }
    return Span(start: Int32(program.patternProperties.count), count: Int32(list.count))
  }

  /// Draft 7's `dependencies` are honoured in 2020-12 as well, where they have no other meaning.
  private mutating func dependencies(_ context: Context) throws(SchemaError) -> Span {
    var list: [Dependency] = []
    let is7 = context.dialect.draft == .draft7
    if context.has(.applicator) {
      try addDependencies("dependencies", context, to: &list)
      if !is7 { try addDependencies("dependentSchemas", context, to: &list) }
    }
    if context.has(.validation), !is7 {
      try addDependencies("dependentRequired", context, to: &list)
    }
    defer { program.dependencies += list }
    return Span(start: Int32(program.dependencies.count), count: Int32(list.count))
  }

  private mutating func addDependencies(
    _ keyword: String, _ context: Context, to list: inout [Dependency]
  ) throws(SchemaError) {
    guard let map = try object(keyword, context) else { return }
    for member in map.members {
      var dependency = Dependency(keyword: keyword, name: JSONName(member.name.string))
      if member.value.kind == .array {
        dependency.required = try names(member.value, keyword, context)
      } else {
        dependency.schema = try subschema(member.value, context)
      }
      list.append(dependency)
    }
  }
}
