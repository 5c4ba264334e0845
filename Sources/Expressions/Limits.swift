/// Every bound of filters and templates, with its reason. They are checked when one is written.
package enum ExpressionLimits {
  /// The text of a filter or template; all are held in memory.
  package static let textBytesMax = 16 << 10
  /// Clauses of a filter: one evaluation looks at each at most once.
  package static let clausesMax = 256
  /// Parentheses, functions, `all`, `any`, `not` in each other: evaluation recurses.
  package static let depthMax = 32
}
