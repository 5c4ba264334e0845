/// What is wrong with a filter whatever the event: "whenever possible, some error checks SHOULD be
/// done at compile time" (section 3.3).
extension SQLTree {
  func checkAsFilter() throws(SQLSyntaxError) {
    for node in nodes { try check(node) }
    if let type = nodes[root].type, type != .boolean {
      throw SQLSyntaxError(
        "a filter is a Boolean; this is of type \(type)", at: nodes[root].range.lowerBound)
    }
  }

  private func check(_ node: SQLNode) throws(SQLSyntaxError) {
    switch node.form {
    case .unknownCall(let name, let count):
      throw SQLSyntaxError(
        SQLFunction.problem(named: name, arguments: count), at: node.range.lowerBound)
    case .not(let operand): try checkNegated(operand)
    case .negate(let operand): try check(operand, castsTo: .integer)
    case .isIn(let left, let set, _):
      guard let type = nodes[left].type else { return }
      for element in operands[set] { try check(element.node, castsTo: type) }
    case .chain(.comparison, let range): try checkComparisons(range)
    case .chain(let level, let range):
      for operand in operands[range] {
        try check(operand.node, castsTo: level == .logic ? .boolean : .integer)
      }
    case .call(let function, let arguments):
      for (index, operand) in operands[arguments].enumerated() {
        guard let type = function.parameter(index) else { continue }
        try check(operand.node, castsTo: type)
      }
    case .literal, .attribute, .exists, .like: return
    }
  }

  /// See `SQLExpression`.
  private func checkNegated(_ operand: Int) throws(SQLSyntaxError) {
    guard nodes[operand].type != .integer else {
      throw SQLSyntaxError(
        "NOT takes a Boolean, not an Integer", at: nodes[operand].range.lowerBound)
    }
    try check(operand, castsTo: .boolean)
  }

  /// Of the left sides only the first can be a literal; the others are Booleans.
  private func checkComparisons(_ range: Range<Int>) throws(SQLSyntaxError) {
    for index in range.dropFirst() {
      let (left, right) = (operands[index - 1].node, operands[index].node)
      let isFirst = index == range.lowerBound + 1
      switch operands[index].link {
      case .equal, .notEqual:
        if isFirst, let type = nodes[right].type { try check(left, castsTo: type) }
      default:
        if isFirst { try check(left, castsTo: .integer) }
        try check(right, castsTo: .integer)
      }
    }
  }

  /// Only literals are known here.
  private func check(_ index: Int, castsTo type: SQLType) throws(SQLSyntaxError) {
    guard case .literal(let value) = nodes[index].form, value.cast(to: type) == nil else { return }
    throw SQLSyntaxError(
      SQLError.cast(value, to: type).description, at: nodes[index].range.lowerBound)
  }
}
