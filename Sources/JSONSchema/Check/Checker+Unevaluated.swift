import JSON

extension Checker {
  /// A node with `unevaluatedItems` or `unevaluatedProperties` for the value at hand: its other
  /// keywords mark what they evaluate, and those two take the rest.
  mutating func checkUnevaluated(
    _ node: UnsafePointer<SchemaNode>, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let isObject = value.kind == .object
    let rest =
      isObject ? node.pointee.unevaluatedProperties : node.pointee.unevaluatedItems
    guard isObject || value.kind == .array, rest != .none else {
      return checkKeywords(node, value, evaluated)
    }
    guard let own = openMarks(for: value) else { return false }
    // It takes the stack of two levels.
    depth += 1
    defer {
      marks.close(own)
      depth -= 1
    }
    guard checkKeywords(node, value, own), checkRest(rest, value, own) else { return false }
    // Whatever is left was evaluated here.
    marks.insert(0..<value.count, in: evaluated)
    return true
  }

  private mutating func checkRest(
    _ rest: NodeIndex, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    guard spend(value.count) else { return false }
    var index = 0
    var members = value.members
    while let member = members.next() {
      if !marks.contains(index, in: evaluated), !check(rest, member.value) { return false }
      index += 1
    }
    var elements = value.elements
    while let element = elements.next() {
      if !marks.contains(index, in: evaluated), !check(rest, element) { return false }
      index += 1
    }
    return true
  }
}
