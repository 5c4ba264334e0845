import JSON

/// Turns a schema into a program. Subschemas that are known but not compiled yet wait in a list, so
/// that nothing recurses; each place is compiled once, so that references may form cycles.
struct Compiler {
  var registry: SchemaRegistry
  var program = Program()
  private var nodesByPlace: [SchemaPlace: NodeIndex] = [:]
  private var pending: [(node: NodeIndex, schema: LocatedValue, resource: Int)] = []
  var patterns = PatternPool()
  /// For each of the program's dynamic references, the anchor it names.
  var dynamicAnchors: [String] = []

  init(_ document: JSONDocument, options: SchemaOptions) throws(SchemaError) {
    registry = try SchemaRegistry(document, options: options)
  }

  /// - Throws: what is wrong with the schema, at the first place where something is.
  mutating func compile() throws(SchemaError) -> Program {
    let root = registry.resources[0].root
    program.root = try node(for: root, in: registry.resource(of: root) ?? 0)
    try compilePending()
    try linkDynamicReferences()
    try refuseEndlessReferences()
    simplify()
    program.patterns = try patterns.compiled()
    program.documents = registry.documents
    return program
  }

  /// The node of a subschema, which may still have to be compiled.
  mutating func node(for schema: LocatedValue, in resource: Int) throws(SchemaError) -> NodeIndex {
    if let known = nodesByPlace[schema.place] { return known }
    let index = NodeIndex(program.nodes.count)
    nodesByPlace[schema.place] = index
    program.nodes.append(SchemaNode())
    program.sources.append(schema.value)
    pending.append((index, schema, resource))
    return index
  }

  mutating func compilePending() throws(SchemaError) {
    while let (index, schema, resource) = pending.popLast() {
      program.nodes[Int(index)] = try compiled(schema, in: resource)
    }
  }

  private mutating func compiled(
    _ schema: LocatedValue, in resource: Int
  ) throws(SchemaError) -> SchemaNode {
    var node = SchemaNode()
    node.resource = Int32(resource)
    let dialect = registry.resources[resource].dialect
    let context = Context(schema: schema, resource: resource, dialect: dialect)
    switch schema.value.kind {
    case .boolean: node.form = schema.value.boolean == true ? .anything : .nothing
    case .object where dialect.draft == .draft7 && schema.value["$ref"] != nil:
      // Whatever stands beside it is ignored.
      var general: [Instruction] = []
      try addReference(context, to: &general)
      node.general = append(general)
    case .object: try compileKeywords(context, into: &node)
    default: throw error("must be an object or a boolean", context)
    }
    return node
  }

  private mutating func compileKeywords(
    _ context: Context, into node: inout SchemaNode
  ) throws(SchemaError) {
    if context.has(.validation) {
      node.types = try types(context)
      node.number = try bounds(context)
    }
    node.string = try strings(context)
    node.array = try arrays(context)
    node.object = try objects(context)
    node.general = append(try general(context))
    if context.has(.unevaluated), context.dialect.draft != .draft7 {
      node.unevaluatedItems = try subschema("unevaluatedItems", context)
      node.unevaluatedProperties = try subschema("unevaluatedProperties", context)
    }
    try compileDefinitions(context)
  }

  /// What nothing refers to is compiled as well, so that its mistakes are found.
  private mutating func compileDefinitions(_ context: Context) throws(SchemaError) {
    for keyword in ["$defs", "definitions"] {
      guard let definitions = try object(keyword, context) else { continue }
      for member in definitions.members { _ = try subschema(member.value, context) }
    }
  }

  mutating func append(_ instructions: [Instruction]) -> Span {
    defer { program.instructions += instructions }
    return Span(start: Int32(program.instructions.count), count: Int32(instructions.count))
  }

  mutating func append(_ list: [NodeIndex]) -> Span {
    defer { program.lists += list }
    return Span(start: Int32(program.lists.count), count: Int32(list.count))
  }

  /// Marks the nodes that say nothing, and those whose check goes on at a reference.
  private mutating func simplify() {
    for index in program.nodes.indices where program.nodes[index].form == .keywords {
      takeTarget(index)
      let node = program.nodes[index]
      guard node.types == .any, node.number.isEmpty, node.string < 0, node.array < 0,
        node.object < 0, node.general.isEmpty, !node.hasUnevaluated
      else { continue }
      let leadsOn = node.target != .none || node.dynamicTarget >= 0
      program.nodes[index].form = leadsOn ? .reference : .anything
    }
  }

  /// Takes the first reference out of a node's instructions. What is unevaluated must come after it.
  private mutating func takeTarget(_ index: Int) {
    let span = program.nodes[index].general
    guard !program.nodes[index].hasUnevaluated,
      let place = span.indices.first(where: {
        [.reference, .dynamicReference].contains(program.instructions[$0].operation)
      })
    else { return }
    let instruction = program.instructions[place]
    if instruction.operation == .reference {
      program.nodes[index].target = instruction.operand
    } else {
      program.nodes[index].dynamicTarget = instruction.operand
    }
    program.instructions.swapAt(place, span.indices.upperBound - 1)
    program.nodes[index].general.count -= 1
  }
}

extension Compiler {
  /// The schema that is being compiled.
  struct Context {
    var schema: LocatedValue
    var resource: Int
    var dialect: Dialect

    func has(_ vocabulary: Vocabularies) -> Bool { dialect.vocabularies.contains(vocabulary) }

    func located(_ value: JSONValue) -> LocatedValue {
      LocatedValue(document: schema.document, value: value)
    }
  }
}
