/// A filter in CloudEvents SQL v1: an expression that is a condition, checked as far as it can be
/// without an event.
struct SQLFilter: Sendable {
  let expression: SQLExpression

  init(_ text: String) throws(ExpressionError) {
    do {
      try self.init(parsing: text)
    } catch {
      throw ExpressionError(error.problem, at: error.offset, in: text)
    }
  }

  init(parsing text: String) throws(SQLSyntaxError) {
    expression = try SQLExpression(parsing: text)
    try expression.tree.checkAsFilter()
  }

  /// Only the Boolean `true` matches; what is no Boolean is an error (section 1.2).
  func evaluate(_ event: EventView) -> FilterResult {
    switch outcome(event) {
    case .success(let isMatch): isMatch ? .match : .noMatch
    case .failure(let error): .error(error.description)
    }
  }

  func outcome(_ event: EventView) -> Result<Bool, SQLError> {
    let (value, error) = expression.value(for: event)
    if let error { return .failure(error) }
    guard case .boolean(let isMatch) = value else { return .failure(.notBoolean(value)) }
    return .success(isMatch)
  }
}
