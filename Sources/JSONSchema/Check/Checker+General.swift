import JSON

extension Checker {
  mutating func checkGeneral(
    _ span: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    for index in span.indices {
      guard checkInstruction(index, value, evaluated) else { return false }
    }
    return true
  }

  mutating func checkInstruction(
    _ index: Int, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let instruction = tables.instructions + index
    let operand = instruction.pointee.operand
    let list = instruction.pointee.list
    switch instruction.pointee.operation {
    case .enumeration, .constant:
      let isThere = tables.enumerations[Int(operand)].contains(value, steps: &stepsLeft)
      return spend(0) && isThere
    case .reference: return check(operand, value, evaluated)
    case .dynamicReference: return check(target(of: Int(operand)), value, evaluated)
    case .allOf:
      for branch in list.indices {
        guard check(tables.lists[branch], value, evaluated) else { return false }
      }
      return true
    case .anyOf: return checkAny(list, value, evaluated)
    case .oneOf: return checkOne(list, value, evaluated)
    case .not: return !check(operand, value) && stop == nil
    case .condition: return checkCondition(list, value, evaluated)
    }
  }

  /// Where a `$dynamicRef` leads from here.
  func target(of reference: Int) -> NodeIndex {
    let dynamic = tables.dynamicReferences + reference
    for resource in scope {
      let target = dynamic.pointee.targets[Int(resource)]
      if target != .none { return target }
    }
    return dynamic.pointee.initial
  }

  /// Checks a schema that may fail without consequence: what it evaluated counts only if it didn't.
  mutating func checkBranch(
    _ node: NodeIndex, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    guard evaluated != .none else { return check(node, value) }
    guard let own = openMarks(for: value) else { return false }
    defer { marks.close(own) }
    guard check(node, value, own) else { return false }
    marks.unite(own, into: evaluated)
    return true
  }

  /// - Returns: nil if that takes too many steps.
  mutating func openMarks(for value: JSONValue) -> EvaluatedMarks.Place? {
    guard spend(value.count / 64) else { return nil }
    return marks.open(value.count)
  }

  private mutating func checkAny(
    _ list: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    var isAny = false
    for branch in list.indices where checkBranch(tables.lists[branch], value, evaluated) {
      // With marks each branch that is satisfied has a say.
      if evaluated == .none { return true }
      isAny = true
    }
    return isAny && stop == nil
  }

  private mutating func checkOne(
    _ list: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    var count = 0
    for branch in list.indices where checkBranch(tables.lists[branch], value, evaluated) {
      count += 1
      if count > 1 { return false }
    }
    return count == 1 && stop == nil
  }

  private mutating func checkCondition(
    _ list: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let isMet = checkBranch(tables.lists[Int(list.start)], value, evaluated)
    guard stop == nil else { return false }
    let branch = tables.lists[Int(list.start) + (isMet ? 1 : 2)]
    return branch == .none || check(branch, value, evaluated)
  }
}
