import JSON

extension Explainer {
  mutating func explainKeywords(_ node: UnsafePointer<SchemaNode>) {
    let value = place.value
    let before = findings.count
    guard node.pointee.types.allows(value) else {
      let types = node.pointee.types
      let problem = "\(value.kind.phrase(value)); it must be \(types.phrase)"
      return report("type", problem, types: types)
    }
    switch value.kind {
    case .null, .boolean: break
    case .number: explainNumber(node)
    case .string: if node.pointee.string >= 0 { explainString(node) }
    case .array: if node.pointee.array >= 0 { explainArray(node) }
    case .object: if node.pointee.object >= 0 { explainObject(node) }
    }
    for instruction in node.pointee.general.indices where !isDone {
      explainInstruction(instruction)
    }
    // What is evaluated is known only if all else is satisfied.
    if findings.count == before, children.isEmpty, !isDone { explainUnevaluated(node) }
  }

  // MARK: Numbers and strings

  private mutating func explainNumber(_ node: UnsafePointer<SchemaNode>) {
    let value = place.value
    for bound in node.pointee.number.indices where !tables.bounds[bound].holds(for: value) {
      let (keyword, phrase) = tables.bounds[bound].relation.phrase
      let wanted = source(place.node)[keyword].map(Cited.value) ?? ""
      report(keyword, "is \(Cited.value(value)); it must be \(phrase) \(wanted)")
    }
  }

  private mutating func explainString(_ node: UnsafePointer<SchemaNode>) {
    let value = place.value
    let plan = tables.strings + Int(node.pointee.string)
    let length = value.utf8.scalarCount
    if length < Int(plan.pointee.lengthMin) {
      reportCount("minLength", length, "character", "at least")
    }
    if length > Int(plan.pointee.lengthMax) {
      reportCount("maxLength", length, "character", "at most")
    }
    if plan.pointee.pattern >= 0, !checker.search(plan.pointee.pattern, value.utf8) {
      let pattern = Cited.text(tables.patterns[Int(plan.pointee.pattern)].source)
      report("pattern", "is \(Cited.value(value)); it must match the pattern '\(pattern)'")
    }
    if let format = plan.pointee.format, !format.matches(value.utf8) {
      report("format", "is \(Cited.value(value)); it must be \(format.phrase)")
    }
  }

  /// - Parameter relation: "at least" or "at most".
  mutating func reportCount(
    _ keyword: String, _ count: Int, _ noun: String, _ relation: String
  ) {
    let wanted = source(place.node)[keyword].map(Cited.value) ?? ""
    report(keyword, "has \(Cited.counted(count, noun)); it must have \(relation) \(wanted)")
  }
}

extension TypeSet {
  func allows(_ value: JSONValue) -> Bool {
    guard rawValue & (1 << value.kind.rawValue) != 0 else { return false }
    return value.kind != .number || !contains(.integersOnly) || value.isInteger
  }

  /// "an integer or null".
  var phrase: String {
    var names: [String] = []
    if contains(.object) { names.append("an object") }
    if contains(.array) { names.append("an array") }
    if contains(.string) { names.append("a string") }
    if contains(.number) { names.append(contains(.integersOnly) ? "an integer" : "a number") }
    if contains(.boolean) { names.append("a boolean") }
    if contains(.null) { names.append("null") }
    return names.isEmpty ? "nothing at all" : Cited.list(names, "or")
  }
}

extension JSONValue.Kind {
  /// Of a number, its value: that it has a fraction may be the point.
  func phrase(_ value: JSONValue) -> String {
    switch self {
    case .null: "is null"
    case .boolean: "is a boolean"
    case .number: "is \(Cited.value(value))"
    case .string: "is a string"
    case .array: "is an array"
    case .object: "is an object"
    }
  }
}

extension Bound.Relation {
  var phrase: (keyword: String, text: String) {
    switch self {
    case .atLeast: ("minimum", "at least")
    case .above: ("exclusiveMinimum", "more than")
    case .atMost: ("maximum", "at most")
    case .below: ("exclusiveMaximum", "less than")
    case .multipleOf: ("multipleOf", "a multiple of")
    }
  }
}
