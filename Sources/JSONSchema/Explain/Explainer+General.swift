import JSON

/// Keywords for values of every kind.
extension Explainer {
  mutating func explainInstruction(_ index: Int) {
    let value = place.value
    guard !checker.checkInstruction(index, value, .none), !isDone else { return }
    let instruction = tables.instructions + index
    let operand = instruction.pointee.operand
    let list = instruction.pointee.list
    switch instruction.pointee.operation {
    case .constant: reportWanted("const", source(place.node)["const"])
    case .enumeration: reportWanted("enum", source(place.node)["enum"])
    case .reference:
      explain([source(place.node)["$ref"] == nil ? "$dynamicRef" : "$ref"], operand)
    case .dynamicReference: explain(["$dynamicRef"], checker.target(of: Int(operand)))
    case .allOf: explainAllOf(list)
    case .anyOf: explainAlternatives("anyOf", list)
    case .oneOf: explainAlternatives("oneOf", list)
    case .not:
      report("not", "is \(Cited.value(value)), which is what the schema in 'not' forbids")
    case .condition: explainCondition(list)
    }
  }

  /// A value that is wanted: unlike one that is there, small arrays and objects are shown.
  private static func cite(_ value: JSONValue) -> String {
    switch value.kind {
    case .array, .object: Cited.text(value.json)
    default: Cited.value(value)
    }
  }

  private mutating func reportWanted(_ keyword: String, _ wanted: JSONValue?) {
    let values =
      keyword == "const" ? [wanted].compactMap(\.self) : wanted.map { Array($0.elements) }
    let cited = (values ?? []).prefix(SchemaLimits.listedMax + 1).map(Self.cite)
    let more = (values?.count ?? 0) - cited.count
    let list = cited.isEmpty ? "nothing at all" : Cited.list(cited, "or", more: more)
    report(keyword, "is \(Cited.value(place.value)); it must be \(list)", isChoice: true)
  }

  private mutating func explainAllOf(_ list: Span) {
    for (position, branch) in list.indices.enumerated() where !isDone {
      let schema = tables.lists[branch]
      guard !checker.check(schema, place.value) else { continue }
      explain(["allOf", String(position)], schema)
    }
  }

  private mutating func explainCondition(_ list: Span) {
    let isMet = checker.check(tables.lists[Int(list.start)], place.value)
    let branch = tables.lists[Int(list.start) + (isMet ? 1 : 2)]
    if branch != .none { explain([isMet ? "then" : "else"], branch) }
  }
}
