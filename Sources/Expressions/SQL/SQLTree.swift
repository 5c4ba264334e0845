/// An expression of CloudEvents SQL, parsed: an array of nodes, operands before what they are operands
/// of, so that the last node is the whole. Evaluating it allocates nothing but the strings that
/// functions make.
struct SQLTree: Sendable {
  var nodes: [SQLNode] = []
  /// What nodes refer to by a range.
  var operands: [SQLOperand] = []
  /// Conditions, calls and calculations: nodes but literals, attributes, AND, OR and XOR.
  var clauses = 0

  var root: Int { nodes.count - 1 }
}

struct SQLNode: Sendable {
  enum Form: Sendable {
    case literal(SQLValue)
    case attribute(String)
    case exists(String)
    case not(Int)
    case negate(Int)
    case like(Int, LikePattern, isNegated: Bool)
    case isIn(Int, set: Range<Int>, isNegated: Bool)
    /// Operators of one level and their operands, at least two, evaluated from left to right: a chain
    /// of a thousand is no deeper than one of two.
    case chain(SQLOperator.Level, Range<Int>)
    case call(SQLFunction, Range<Int>)
    /// A call that can't be dispatched.
    case unknownCall(String, arguments: Int)
  }

  var form: Form
  /// In bytes of the text, with the parentheses of its operands and without its own.
  var range: Range<Int>
  /// Of the nodes below it and itself: how deep an evaluation gets.
  var height: Int

  /// Nil if it depends on the event.
  var type: SQLType? {
    switch form {
    case .literal(let value): value.type
    case .attribute: nil
    case .exists, .not, .like, .isIn, .unknownCall: .boolean
    case .chain(.logic, _), .chain(.comparison, _): .boolean
    case .negate, .chain(.sum, _), .chain(.product, _): .integer
    case .call(let function, _): function.result
    }
  }

  /// What it is worth if an operand can't be evaluated.
  var zero: SQLValue { (type ?? .boolean).zero }
}

struct SQLOperand: Sendable {
  /// Between it and the operands before it; of no meaning for the first, a set or arguments.
  var link: SQLOperator
  var node: Int
  /// Where it ends in the text, its parentheses included.
  var end: Int
}
