/// An expression of CloudEvents SQL v1 that may be of any type, and may call functions that are not
/// there. `SQLFilter` is for what has to be a condition.
///
/// See https://github.com/cloudevents/spec/blob/main/cesql/spec.md.
///
/// Where the specification leaves something open:
/// - An operator whose operand can't be evaluated is worth the zero of its type, with the error of the
///   first such operand, and nothing after it is evaluated ("fail fast", section 4.1).
/// - `+`, `-`, `*`, `/` and the unary `-` are worth 0 with a math error if the result does not fit
///   32 bits.
/// - AND, OR and XOR are of one level and go from left to right, as section 3.6 has it:
///   `a OR b AND c` is `(a OR b) AND c`. NOT binds more than any operator between operands:
///   `NOT a = b` is `(NOT a) = b`.
/// - NOT of an Integer is a cast error and worth true. The compatibility kit has it so, against the
///   table of section 3.7, which holds for every other cast.
/// - Characters are Unicode scalars.
package struct SQLExpression: Sendable {
  let text: String
  let tree: SQLTree

  /// - Throws: what can't be parsed and where.
  package init(_ text: String) throws(ExpressionError) {
    do {
      try self.init(parsing: text)
    } catch {
      throw ExpressionError(error.problem, at: error.offset, in: text)
    }
  }

  init(parsing text: String) throws(SQLSyntaxError) {
    self.text = text
    tree = try SQLParser.parse(text)
  }

  /// Total: there is a value also if there is an error.
  package func value(for event: EventView) -> (SQLValue, SQLError?) {
    var error: SQLError?
    let value = tree.value(of: tree.root, event, &error)
    return (value, error)
  }

  /// As it is written.
  func text(_ range: Range<Int>) -> String {
    String(decoding: text.utf8.dropFirst(range.lowerBound).prefix(range.count), as: UTF8.self)
  }
}
