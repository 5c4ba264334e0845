/// Why a filter or a template can't be written so, and where in its text.
package struct ExpressionError: Error, Hashable, Sendable {
  /// A phrase such as "expected ')'", or "there is no function 'FOO'".
  package var problem: String
  /// From 1.
  package var line: Int
  /// In characters (Unicode scalars) of its line, from 1.
  package var column: Int

  package init(_ problem: String, line: Int, column: Int) {
    self.problem = problem
    self.line = line
    self.column = column
  }

  /// - Parameter offset: in bytes of `text`.
  package init(_ problem: String, at offset: Int, in text: String) {
    let before = text.utf8.prefix(offset)
    let line = before.count { $0 == UInt8(ascii: "\n") } + 1
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { before.index(after: $0) }
    let column = before[(start ?? before.startIndex)...].count { $0 & 0xC0 != 0x80 } + 1
    self.init(problem, line: line, column: column)
  }
}

extension ExpressionError: CustomStringConvertible {
  package var description: String { "line \(line), column \(column): \(problem)" }
}
