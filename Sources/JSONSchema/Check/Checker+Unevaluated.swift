import JSON

extension Checker {
  /// A node with `unevaluatedItems` or `unevaluatedProperties` for the value at hand: its other
  /// keywords mark what they evaluate, and those two take the rest.
  mutating func checkUnevaluated(
    _ node: UnsafePointer<SchemaNode>, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    guard let own = openMarks(for: value) else { return false }
    defer { marks.close(own) }
    guard checkKeywords(node, value, own) else { return false }
    let isObject = value.kind == .object
    let rest =
      isObject ? node.pointee.unevaluatedProperties : node.pointee.unevaluatedItems
    var index = 0
    if isObject {
      for member in value.members {
        if !marks.contains(index, in: own), !check(rest, member.value) { return false }
        index += 1
      }
    } else {
      for element in value.elements {
        if !marks.contains(index, in: own), !check(rest, element) { return false }
        index += 1
      }
    }
    // Whatever is left was evaluated here.
    marks.insert(0..<value.count, in: evaluated)
    return true
  }
}
