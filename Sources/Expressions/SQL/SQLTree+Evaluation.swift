/// Evaluation (section 3.4). It recurses as deep as the tree is high. Whoever finds an error after an
/// operand gives up with the zero of its own type.
extension SQLTree {
  func value(of index: Int, _ event: EventView, _ error: inout SQLError?) -> SQLValue {
    let value = evaluate(nodes[index].form, event, &error)
    // An operation with an error of its own has a value of its own, which is no zero then.
    return value ?? nodes[index].zero
  }

  /// - Returns: nil if an operand can't be evaluated or cast.
  private func evaluate(
    _ form: SQLNode.Form, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    switch form {
    case .literal(let value): return value
    case .attribute(let name):
      if let value = event[name] { return value }
      error = .missingAttribute(name)
      return nil
    case .exists(let name): return .boolean(event[name] != nil)
    case .not(let operand): return negation(of: operand, event, &error)
    case .negate(let operand):
      return integer(of: operand, event, &error).map { arithmetic(.minus, 0, $0, &error) }
    case .like(let left, let pattern, let isNegated):
      return string(of: left, event, &error).map { .boolean(pattern.matches($0) != isNegated) }
    case .isIn(let left, let set, let isNegated):
      return isIn(left, set, event, &error).map { .boolean($0 != isNegated) }
    case .chain(.logic, let range): return logic(range, event, &error).map { .boolean($0) }
    case .chain(.comparison, let range): return comparisons(range, event, &error)
    case .chain(_, let range): return arithmetic(range, event, &error)
    case .call(let function, let arguments): return call(function, arguments, event, &error)
    case .unknownCall(let name, let count):
      error = .missingFunction(name, arguments: count)
      return nil
    }
  }

  // MARK: Operands

  /// - Returns: nil if there is an error.
  func valid(_ index: Int, _ event: EventView, _ error: inout SQLError?) -> SQLValue? {
    let value = value(of: index, event, &error)
    return error == nil ? value : nil
  }

  func boolean(of index: Int, _ event: EventView, _ error: inout SQLError?) -> Bool? {
    guard let value = valid(index, event, &error) else { return nil }
    if let flag = value.asBoolean { return flag }
    error = .cast(value, to: .boolean)
    return nil
  }

  func integer(of index: Int, _ event: EventView, _ error: inout SQLError?) -> Int32? {
    guard let value = valid(index, event, &error) else { return nil }
    return integer(value, &error)
  }

  private func integer(_ value: SQLValue, _ error: inout SQLError?) -> Int32? {
    if let number = value.asInteger { return number }
    error = .cast(value, to: .integer)
    return nil
  }

  func string(of index: Int, _ event: EventView, _ error: inout SQLError?) -> String? {
    valid(index, event, &error)?.text
  }

  // MARK: Operators

  private func negation(
    of operand: Int, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    guard let value = valid(operand, event, &error) else { return nil }
    if value.type != .integer, let flag = value.asBoolean { return .boolean(!flag) }
    error = .cast(value, to: .boolean)
    // The negation of what a cast that fails is worth.
    return .boolean(true)
  }

  /// AND and OR don't look at the right side if the left one decides.
  private func logic(
    _ range: Range<Int>, _ event: EventView, _ error: inout SQLError?
  ) -> Bool? {
    guard var result = boolean(of: operands[range.lowerBound].node, event, &error) else {
      return nil
    }
    for operand in operands[range.dropFirst()] {
      if result ? operand.link == .or : operand.link == .and { continue }
      guard let right = boolean(of: operand.node, event, &error) else { return nil }
      result = operand.link == .xor ? result != right : right
    }
    return result
  }

  private func comparisons(
    _ range: Range<Int>, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    guard var left = valid(operands[range.lowerBound].node, event, &error) else { return nil }
    for operand in operands[range.dropFirst()] {
      guard let right = valid(operand.node, event, &error),
        let result = compare(left, operand.link, right, &error)
      else { return nil }
      left = .boolean(result)
    }
    return left
  }

  private func compare(
    _ left: SQLValue, _ link: SQLOperator, _ right: SQLValue, _ error: inout SQLError?
  ) -> Bool? {
    if link == .equal || link == .notEqual {
      // The type of the right side chooses among the three operators (section 3.7).
      if left.type == right.type { return left.isIdentical(to: right) == (link == .equal) }
      guard let cast = left.cast(to: right.type) else {
        error = .cast(left, to: right.type)
        return nil
      }
      return cast.isIdentical(to: right) == (link == .equal)
    }
    guard let left = integer(left, &error), let right = integer(right, &error) else { return nil }
    switch link {
    case .less: return left < right
    case .lessOrEqual: return left <= right
    case .greater: return left > right
    default: return left >= right
    }
  }

  /// Elements are compared with `=`, but the left side says the type (section 3.4.5); those after the
  /// one that is equal are not looked at.
  private func isIn(
    _ left: Int, _ set: Range<Int>, _ event: EventView, _ error: inout SQLError?
  ) -> Bool? {
    guard let value = valid(left, event, &error) else { return nil }
    for element in operands[set] {
      guard let right = valid(element.node, event, &error) else { return nil }
      guard let cast = right.cast(to: value.type) else {
        error = .cast(right, to: value.type)
        return nil
      }
      if cast.isIdentical(to: value) { return true }
    }
    return false
  }

  /// Both sides are evaluated before they are cast: a missing attribute is said before a division by
  /// zero or a failed cast.
  private func arithmetic(
    _ range: Range<Int>, _ event: EventView, _ error: inout SQLError?
  ) -> SQLValue? {
    guard var left = valid(operands[range.lowerBound].node, event, &error) else { return nil }
    for operand in operands[range.dropFirst()] {
      guard let right = valid(operand.node, event, &error),
        let one = integer(left, &error), let other = integer(right, &error)
      else { return nil }
      left = arithmetic(operand.link, one, other, &error)
      if error != nil { return nil }
    }
    return left
  }

  private func arithmetic(
    _ link: SQLOperator, _ left: Int32, _ right: Int32, _ error: inout SQLError?
  ) -> SQLValue {
    let (result, isOver) =
      switch link {
      case .plus: left.addingReportingOverflow(right)
      case .minus: left.subtractingReportingOverflow(right)
      case .times: left.multipliedReportingOverflow(by: right)
      case .divide: left.dividedReportingOverflow(by: right)
      // The one overflow, of the least integer by -1, is worth 0 without an error.
      default: (left.remainderReportingOverflow(dividingBy: right).partialValue, right == 0)
      }
    guard isOver else { return .integer(result) }
    let isDivision = link == .divide || link == .remainder
    error = isDivision && right == 0 ? .divisionByZero : .overflow
    return .integer(0)
  }
}
