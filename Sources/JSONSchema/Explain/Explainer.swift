import JSON

/// Finds what is wrong with a value that did not satisfy its schema, and says it. Slow, but only as
/// far as the value is wrong: whatever the checker is content with is not looked at.
struct Explainer: ~Copyable {
  let schema: Schema
  var checker: Checker
  /// How many findings are enough.
  var limit: Int
  var findings: [Finding] = []
  /// Where it is.
  var keywords: [String] = []
  var instance: [String] = []

  init(_ schema: Schema, limit: Int) {
    self.schema = schema
    self.limit = limit
    checker = Checker(schema.tables)
  }

  /// - Returns: none if the value satisfies the schema.
  mutating func run(_ value: JSONValue) -> [SchemaViolation] {
    guard limit > 0, !checker.check(schema.tables.root, value) else { return [] }
    if let stop = checker.stop {
      report(stop)
    } else {
      checker.stepsLeft = SchemaLimits.stepsMax
      explain(schema.tables.root, value)
      // Steps may run out before anything is found, as explaining takes more of them.
      if findings.isEmpty { report("", "does not satisfy the schema") }
    }
    return findings.map(\.violation)
  }

  var tables: ProgramTables { schema.tables }

  var isDone: Bool { findings.count >= limit || checker.stop != nil }

  // MARK: Reporting

  mutating func report(
    _ keyword: String, _ problem: String, types: TypeSet? = nil, isChoice: Bool = false
  ) {
    guard findings.count < limit else { return }
    let place = JSONPointer(tokens: keyword.isEmpty ? keywords : keywords + [keyword])
    findings.append(
      Finding(
        violation: SchemaViolation(
          instanceLocation: JSONPointer(tokens: instance).description,
          keywordLocation: place.description, problem: problem),
        depth: instance.count, types: types, isChoice: isChoice))
  }

  private mutating func report(_ stop: Checker.Stop) {
    switch stop {
    case .depth:
      report(
        "",
        "can't be checked: the schema refers to itself without end, or is nested with the value "
          + "more than \(SchemaLimits.depthMax) deep")
    case .steps:
      report("", "can't be checked: that takes more than \(SchemaLimits.stepsMax) steps")
    }
  }

  // MARK: Going deeper

  /// Explains a subschema that applies to the same value.
  mutating func explain(_ path: [String], _ node: NodeIndex, _ value: JSONValue) {
    keywords += path
    explain(node, value)
    keywords.removeLast(path.count)
  }

  /// Explains a subschema that applies to a member or element, unless it is satisfied.
  mutating func explain(
    _ path: [String], _ node: NodeIndex, _ value: JSONValue, at token: @autoclosure () -> String
  ) {
    guard !isDone, !checker.check(node, value), !isDone else { return }
    instance.append(token())
    explain(path, node, value)
    instance.removeLast()
  }

  /// - Precondition: the value does not satisfy the node.
  mutating func explain(_ index: NodeIndex, _ value: JSONValue) {
    guard !isDone else { return }
    guard checker.depth < SchemaLimits.explainedDepthMax, let scope = checker.enter() else {
      return report("", "does not satisfy the schema")
    }
    defer { checker.leave(scope) }
    var index = index
    let keywordCount = keywords.count
    defer { keywords.removeLast(keywords.count - keywordCount) }
    while true {
      let node = tables.nodes + Int(index)
      checker.push(node.pointee.resource)
      switch node.pointee.form {
      case .anything: return
      case .nothing: return report("", "is not allowed")
      case .keywords: return explainKeywords(index, value)
      case .reference:
        keywords.append(source(index)["$ref"] == nil ? "$dynamicRef" : "$ref")
        index = node.pointee.target
      }
    }
  }

  func source(_ node: NodeIndex) -> JSONValue { schema.program.sources[Int(node)] }
}

/// A violation, with what tells how near the value came to an alternative.
struct Finding {
  var violation: SchemaViolation
  /// Of its instance location, in tokens.
  var depth: Int
  /// If the value is of the wrong type: the right ones.
  var types: TypeSet?
  /// Whether it is about one value or one of several that it must be: what tells alternatives apart.
  var isChoice: Bool
}
