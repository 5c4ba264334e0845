import JSON

/// Keywords for values of every kind.
extension Compiler {
  mutating func general(_ context: Context) throws(SchemaError) -> [Instruction] {
    var list: [Instruction] = []
    if context.has(.validation) { try addEnumerations(context, to: &list) }
    try addReference(context, to: &list)
    try addDynamicReference(context, to: &list)
    guard context.has(.applicator) else { return list }
    for (keyword, operation) in [
      ("allOf", Instruction.Operation.allOf), ("anyOf", .anyOf), ("oneOf", .oneOf),
    ] {
      guard let schemas = try subschemas(keyword, context) else { continue }
      list.append(Instruction(operation: operation, list: schemas))
    }
    let negated = try subschema("not", context)
    if negated != .none { list.append(Instruction(operation: .not, operand: negated)) }
    try addCondition(context, to: &list)
    return list
  }

  private mutating func addEnumerations(
    _ context: Context, to list: inout [Instruction]
  ) throws(SchemaError) {
    if let constant = context.schema.value["const"] {
      list.append(
        Instruction(operation: .constant, operand: Int32(program.enumerations.count)))
      program.enumerations.append(Enumeration([constant]))
    }
    if let values = try array("enum", context) {
      list.append(
        Instruction(operation: .enumeration, operand: Int32(program.enumerations.count)))
      program.enumerations.append(Enumeration(Array(values.elements)))
    }
  }

  private mutating func addCondition(
    _ context: Context, to list: inout [Instruction]
  ) throws(SchemaError) {
    let condition = try subschema("if", context)
    let then = try subschema("then", context)
    let otherwise = try subschema("else", context)
    // Without branches it matters only for what it evaluates, for unevaluatedProperties.
    guard condition != .none else { return }
    list.append(
      Instruction(operation: .condition, list: append([condition, then, otherwise])))
  }

  mutating func addReference(
    _ context: Context, to list: inout [Instruction]
  ) throws(SchemaError) {
    guard let reference = try string("$ref", context) else { return }
    let target = try registry.resolve(
      reference, keyword: "$ref", in: context.resource, at: context.schema)
    list.append(
      Instruction(operation: .reference, operand: try node(for: target)))
  }

  private mutating func addDynamicReference(
    _ context: Context, to list: inout [Instruction]
  ) throws(SchemaError) {
    guard context.dialect.draft != .draft7, let reference = try string("$dynamicRef", context)
    else { return }
    let target = try registry.resolve(
      reference, keyword: "$dynamicRef", in: context.resource, at: context.schema)
    let initial = try node(for: target)
    guard let anchor = target.dynamicAnchor else {
      list.append(Instruction(operation: .reference, operand: initial))
      return
    }
    list.append(
      Instruction(
        operation: .dynamicReference, operand: Int32(program.dynamicReferences.count)))
    program.dynamicReferences.append(DynamicReference(initial: initial, targets: []))
    dynamicAnchors.append(anchor)
  }

  private mutating func node(for target: ReferenceTarget) throws(SchemaError) -> NodeIndex {
    try node(for: target.schema, in: target.resource)
  }

  /// Gives each dynamic reference its targets: what has the anchor in any resource that is known.
  mutating func linkDynamicReferences() throws(SchemaError) {
    // Compiling a target may bring further references and resources.
    var linked = (references: -1, resources: -1)
    while linked != (dynamicAnchors.count, registry.resources.count) {
      linked = (dynamicAnchors.count, registry.resources.count)
      for (index, anchor) in dynamicAnchors.enumerated() {
        program.dynamicReferences[index].targets = try targets(of: anchor)
      }
      try compilePending()
    }
    for index in program.instructions.indices
    where program.instructions[index].operation == .dynamicReference {
      let reference = program.dynamicReferences[Int(program.instructions[index].operand)]
      guard reference.targets.allSatisfy({ $0 == .none || $0 == reference.initial }) else {
        continue
      }
      program.instructions[index].operation = .reference
      program.instructions[index].operand = reference.initial
    }
  }

  private mutating func targets(of anchor: String) throws(SchemaError) -> [NodeIndex] {
    var targets: [NodeIndex] = []
    for index in registry.resources.indices {
      let resource = registry.resources[index]
      guard let schema = resource.dynamicAnchors[anchor] else {
        targets.append(.none)
        continue
      }
      targets.append(
        try node(
          for: LocatedValue(document: resource.root.document, value: schema), in: index))
    }
    return targets
  }
}
