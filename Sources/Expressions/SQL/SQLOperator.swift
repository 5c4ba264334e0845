/// An operator between two operands.
enum SQLOperator: Hashable, Sendable {
  case and, or, xor
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case plus, minus
  case times, divide, remainder

  /// From what binds least. Operators of one level are evaluated from left to right (section 3.6):
  /// AND, OR and XOR are of one level.
  enum Level: Int, Sendable {
    case logic, comparison, sum, product
  }

  var level: Level {
    switch self {
    case .and, .or, .xor: .logic
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
    case .plus, .minus: .sum
    case .times, .divide, .remainder: .product
    }
  }
}
