/// Every bound of filters and templates, with its reason. They are checked when one is written.
package enum ExpressionLimits {
  /// The text of a filter or template; all are held in memory.
  package static let textBytesMax = 16 << 10
  /// Clauses of a filter: one evaluation looks at each at most once.
  package static let clausesMax = 256
  /// Parentheses, functions, `all`, `any`, `not` in each other: evaluation recurses.
  package static let depthMax = 32
  /// Placeholders of a template.
  package static let placeholdersMax = 1_000
  /// Of what one evaluation of a pattern or template may do, for a payload's arrays multiply its
  /// clauses. A step looks at a value, at 8 members to find a name, or at 8 bytes of a text: some
  /// nanoseconds, so at the very most some ten milliseconds.
  package static let stepsMax = 1 << 20
  /// Anchors of a filter: each is an entry of an index.
  package static let anchorsMax = 64
  /// Of a clause or of what it saw, as an explanation shows it.
  package static let shownBytesMax = 256
  /// A string that a function of CESQL makes: `CONCAT(a, a, …)` would be as long as its text has
  /// arguments. With it one evaluation of the worst filter takes some ten milliseconds: as many steps
  /// as 4 KiB times the 16 KiB of its LIKE patterns.
  package static let stringBytesMax = 4 << 10
}
