/// Why a text is not JSON, or not a JSON that is taken here, and where.
package struct JSONError: Error, Hashable, Sendable {
  /// A phrase such as "expected ',' or '}'".
  package var problem: String
  /// In bytes, from 0.
  package var offset: Int
  /// From 1.
  package var line: Int
  /// In bytes of its line, from 1.
  package var column: Int

  package init(_ problem: String, at offset: Int, in text: UnsafeRawBufferPointer) {
    self.problem = problem
    self.offset = offset
    let before = text.prefix(offset)
    line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    column = 1 + before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
  }
}

extension JSONError: CustomStringConvertible {
  package var description: String { "line \(line), column \(column): \(problem)" }
}
