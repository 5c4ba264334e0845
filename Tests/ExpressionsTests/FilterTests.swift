import Expressions
import Testing

@Suite struct FilterTests {
  @Test func `an error says where`() {
    let error = ExpressionError("x", at: 4, in: "é\nab")
    #expect(error.line == 2 && error.column == 2)
  }
}
