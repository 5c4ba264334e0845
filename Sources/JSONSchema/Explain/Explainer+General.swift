import JSON

/// Keywords for values of every kind.
extension Explainer {
  mutating func explainInstruction(_ place: Int, _ index: NodeIndex, _ value: JSONValue) {
    guard !checker.checkInstruction(place, value, .none), !isDone else { return }
    let instruction = tables.instructions + place
    let operand = instruction.pointee.operand
    let list = instruction.pointee.list
    switch instruction.pointee.operation {
    case .constant:
      let wanted = source(index)["const"].map(Self.cite) ?? ""
      report("const", "is \(Cited.value(value)); it must be \(wanted)", isChoice: true)
    case .enumeration:
      let values = source(index)["enum"]?.elements.map { Self.cite($0) } ?? []
      let wanted = values.isEmpty ? "nothing at all" : Cited.list(values, "or")
      report("enum", "is \(Cited.value(value)); it must be \(wanted)", isChoice: true)
    case .reference:
      explain([source(index)["$ref"] == nil ? "$dynamicRef" : "$ref"], operand, value)
    case .dynamicReference:
      explain(["$dynamicRef"], checker.target(of: Int(operand)), value)
    case .allOf:
      for (position, branch) in list.indices.enumerated() where !isDone {
        let schema = tables.lists[branch]
        guard !checker.check(schema, value) else { continue }
        explain(["allOf", String(position)], schema, value)
      }
    case .anyOf: explainAlternatives("anyOf", list, value)
    case .oneOf: explainAlternatives("oneOf", list, value)
    case .not:
      report("not", "is \(Cited.value(value)), which is what the schema in 'not' forbids")
    case .condition: explainCondition(list, value)
    }
  }

  /// A value that is wanted: unlike one that is there, small arrays and objects are shown.
  private static func cite(_ value: JSONValue) -> String {
    switch value.kind {
    case .array, .object: Cited.text(value.json)
    default: Cited.value(value)
    }
  }

  private mutating func explainCondition(_ list: Span, _ value: JSONValue) {
    let isMet = checker.check(tables.lists[Int(list.start)], value)
    let branch = tables.lists[Int(list.start) + (isMet ? 1 : 2)]
    if branch != .none { explain([isMet ? "then" : "else"], branch, value) }
  }
}
