import JSON

/// Finds what is wrong with a value that did not satisfy its schema, and says it. Slow, but only as
/// far as the value is wrong: whatever the checker is content with is not looked at.
///
/// It keeps a list of what is still to be explained instead of recursing: explaining needs more of
/// the stack than checking.
struct Explainer: ~Copyable {
  let schema: Schema
  var checker: Checker
  /// How many findings are enough.
  var limit: Int
  var findings: [Finding] = []
  /// What is being explained.
  var place: ExplainedPlace
  /// What was found wrong within it, in order.
  var children: [ExplainedPlace] = []
  /// How many alternatives it is within.
  var nesting = 0

  init(_ schema: Schema, limit: Int) {
    self.schema = schema
    self.limit = limit
    checker = Checker(schema.tables)
    place = ExplainedPlace(node: schema.tables.root, value: schema.program.sources[0])
  }

  /// - Returns: none if the value satisfies the schema.
  mutating func run(_ value: JSONValue) -> [SchemaViolation] {
    guard limit > 0, !checker.check(schema.tables.root, value) else { return [] }
    if let stop = checker.stop {
      report(stop)
    } else {
      checker.stepsLeft = SchemaLimits.stepsMax
      explainAll(ExplainedPlace(node: schema.tables.root, value: value))
      // Steps may run out before anything is found, as explaining takes more of them.
      if findings.isEmpty { report("", "does not satisfy the schema") }
    }
    return findings.map(\.violation)
  }

  var tables: ProgramTables { schema.tables }

  var isDone: Bool { findings.count >= limit || checker.stop != nil }

  func source(_ node: NodeIndex) -> JSONValue { schema.program.sources[Int(node)] }

  // MARK: Reporting

  /// - Parameter keyword: empty if the place itself is the keyword.
  mutating func report(
    _ keyword: String, _ problem: String, types: TypeSet? = nil, isChoice: Bool = false
  ) {
    guard findings.count < limit else { return }
    let tokens = keyword.isEmpty ? place.keywords : place.keywords + [keyword]
    findings.append(
      Finding(
        violation: SchemaViolation(
          instanceLocation: JSONPointer(tokens: place.instance).description,
          keywordLocation: JSONPointer(tokens: tokens).description,
          problem: place.subject + problem),
        depth: place.instance.count, types: types, isChoice: isChoice))
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

  /// Has a subschema explained that applies to the same value.
  ///
  /// - Precondition: the value does not satisfy it.
  mutating func explain(_ path: [String], _ node: NodeIndex) {
    guard children.count < limit else { return }
    children.append(place.within(path, node, scope: checker.scope))
  }

  /// Has a subschema explained that applies to a member or element, unless it is satisfied.
  mutating func explain(
    _ path: [String], _ node: NodeIndex, _ value: JSONValue, at token: @autoclosure () -> String
  ) {
    guard !isDone, children.count < limit, !checker.check(node, value), !isDone else { return }
    var child = place.within(path, node, scope: checker.scope)
    child.value = value
    child.instance.append(token())
    children.append(child)
  }

  /// Explains a place and all within it, until there are enough findings.
  mutating func explainAll(_ start: ExplainedPlace) {
    var pending = [start]
    while !isDone, let next = pending.popLast() {
      place = next
      children = []
      checker.scope = next.scope
      explainPlace()
      pending += children.reversed()
    }
  }

  private mutating func explainPlace() {
    while !isDone {
      let node = tables.nodes + Int(place.node)
      checker.push(node.pointee.resource)
      switch node.pointee.form {
      case .anything: return
      case .nothing: return report("", "is not allowed")
      case .reference: break
      case .keywords: explainKeywords(node)
      }
      let next = checker.next(after: node)
      guard next != .none, !checker.check(next, place.value) else { return }
      let keyword = source(place.node)["$ref"] == nil ? "$dynamicRef" : "$ref"
      // Whatever else was found wrong is explained with it.
      if node.pointee.form == .keywords { return explain([keyword], next) }
      place = place.within([keyword], next, scope: checker.scope)
    }
  }
}

/// A subschema and a value that does not satisfy it.
struct ExplainedPlace {
  var node: NodeIndex
  var value: JSONValue
  /// Where they are.
  var keywords: [String] = []
  var instance: [String] = []
  /// The resources that led there; for `$dynamicRef`.
  var scope: [Int32] = []
  /// Comes before each problem, where the place has no pointer of its own: of a member's name.
  var subject = ""

  func within(_ path: [String], _ node: NodeIndex, scope: [Int32]) -> ExplainedPlace {
    var inner = self
    inner.node = node
    inner.keywords += path
    inner.scope = scope
    return inner
  }
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
