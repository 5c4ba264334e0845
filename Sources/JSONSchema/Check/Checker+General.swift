import JSON

extension Checker {
  mutating func checkInstruction(
    _ index: Int, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let instruction = tables.instructions + index
    let operand = instruction.pointee.operand
    let list = instruction.pointee.list
    switch instruction.pointee.operation {
    case .enumeration, .constant: return isListed(Int(operand), value)
    case .reference: return check(operand, value, evaluated)
    case .dynamicReference: return check(target(of: Int(operand)), value, evaluated)
    case .allOf: return checkAll(list, value, evaluated)
    case .anyOf: return checkAny(list, value, evaluated)
    case .oneOf: return checkOne(list, value, evaluated)
    case .not: return checkNot(operand, value)
    case .condition: return checkCondition(list, value, evaluated)
    }
  }

  private mutating func isListed(_ enumeration: Int, _ value: JSONValue) -> Bool {
    let isThere = tables.enumerations[enumeration].contains(value, steps: &stepsLeft)
    return spend(0) && isThere
  }

  private mutating func checkAll(
    _ list: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    var branch = Int(list.start)
    while branch < Int(list.start + list.count) {
      guard check(tables.lists[branch], value, evaluated) else { return false }
      branch += 1
    }
    return true
  }

  private mutating func checkNot(_ node: NodeIndex, _ value: JSONValue) -> Bool {
    !check(node, value) && stop == nil
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
    guard let own = openMarks(for: value) else { return false }
    // It takes the stack of two levels.
    depth += 1
    defer {
      marks.close(own)
      depth -= 1
    }
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
    var branch = Int(list.start)
    while branch < Int(list.start + list.count) {
      if evaluated == .none {
        if check(tables.lists[branch], value) { return true }
      } else if checkBranch(tables.lists[branch], value, evaluated) {
        // Each branch that is satisfied has a say in what is evaluated.
        isAny = true
      }
      branch += 1
    }
    return isAny && stop == nil
  }

  private mutating func checkOne(
    _ list: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    var count = 0
    var branch = Int(list.start)
    while branch < Int(list.start + list.count) {
      let isSatisfied =
        evaluated == .none
        ? check(tables.lists[branch], value) : checkBranch(tables.lists[branch], value, evaluated)
      if isSatisfied { count += 1 }
      if count > 1 { return false }
      branch += 1
    }
    return count == 1 && stop == nil
  }

  private mutating func checkCondition(
    _ list: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let condition = tables.lists[Int(list.start)]
    let isMet =
      evaluated == .none
      ? check(condition, value) : checkBranch(condition, value, evaluated)
    guard stop == nil else { return false }
    let branch = tables.lists[Int(list.start) + (isMet ? 1 : 2)]
    return branch == .none || check(branch, value, evaluated)
  }
}
