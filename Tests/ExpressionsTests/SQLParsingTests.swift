import Expressions
import TestSupport
import Testing

@Suite struct SQLParsingTests {
  private func error(_ text: String) -> ExpressionError? {
    do throws(ExpressionError) {
      _ = try Filter(sql: text)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("ABC(", 1, 5, "expected a value"), ("ABS(1", 1, 6, "expected ',' or ')'"),
    ("(id = 'a'", 1, 10, "expected ')'"), ("id = ", 1, 6, "expected a value"),
    ("", 1, 1, "expected a value"),
    ("id = 'a')", 1, 9, "unexpected ')'"), ("id 'a'", 1, 4, "expected an operator"),
    ("id = 'a", 1, 6, "unterminated string"), (#"id = 'a\'"#, 1, 6, "unterminated string"),
    ("id = 'it''s'", 1, 10, "a quote in a string is written with a backslash before it"),
    ("type = 'a' AND\n  FOO(id)", 2, 3, "there is no function 'FOO'"),
    ("LENGTH(id, 2) = 1", 1, 1, "LENGTH takes 1 argument, not 2"),
    ("substring(id) = ''", 1, 1, "SUBSTRING takes 2 or 3 arguments, not 1"),
    ("CONCAT_WS() = ''", 1, 1, "CONCAT_WS takes at least 1 argument, not 0"),
    ("LEFT(id) = ''", 1, 1, "LEFT takes 2 arguments, not 1"),
    ("sequence = 42949672960", 1, 12, "42949672960 does not fit an integer of 32 bits"),
    ("sequence = -2147483649", 1, 12, "-2147483649 does not fit an integer of 32 bits"),
    ("sequence = - 2147483648", 1, 14, "2147483648 does not fit an integer of 32 bits"),
    ("id LIKE 5", 1, 9, "expected a string, the pattern of LIKE"),
    ("id LIKE type", 1, 9, "expected a string, the pattern of LIKE"),
    ("id NOT = 5", 1, 8, "expected LIKE or IN"), ("id IN 'a'", 1, 7, "expected '(' after IN"),
    ("id IN ()", 1, 8, "the set of IN is empty"), ("id IN ('a',)", 1, 12, "expected a value"),
    ("EXISTS 'id'", 1, 8, "expected the name of an attribute after EXISTS"),
    ("EXISTS (id)", 1, 8, "expected the name of an attribute after EXISTS"),
    ("'é' = 'é' ; id", 1, 11, "unexpected ';'"), ("id = é", 1, 6, "unexpected 'é'"),
    ("id ! = 'a'", 1, 4, "unexpected '!'"), ("id = 'a' \u{0}", 1, 10, #"unexpected '\0'"#),
    ("id < = 5", 1, 6, "expected a value"), ("+ 5 = 5", 1, 2, "expected digits after '+'"),
    ("my_attribute = 'a'", 1, 3, "the name of an attribute has only letters and digits"),
    ("data = 'a'", 1, 1, "'data' is not an attribute"), ("AND", 1, 1, "expected a value"),
    ("id = 'a' AND", 1, 13, "expected a value"), ("NOT", 1, 4, "expected a value"),
    // What no event could make right.
    ("LENGTH(id)", 1, 1, "a filter is a Boolean; this is of type Integer"),
    ("'a'", 1, 1, "a filter is a Boolean; this is of type String"),
    ("(1 + 2)", 1, 2, "a filter is a Boolean; this is of type Integer"),
    ("NOT 10", 1, 5, "NOT takes a Boolean, not an Integer"),
    ("id = 'a' AND 'b'", 1, 14, "can't cast 'b' to Boolean"),
    ("sequence > 'many'", 1, 12, "can't cast 'many' to Integer"),
    ("'a' = 5", 1, 1, "can't cast 'a' to Integer"),
    ("5 IN (1, 'a')", 1, 10, "can't cast 'a' to Integer"),
    ("LEFT(id, 'x') = 'a'", 1, 10, "can't cast 'x' to Integer"),
    ("1 + 'x' = 2", 1, 5, "can't cast 'x' to Integer"),
    ("-'x' = 2", 1, 2, "can't cast 'x' to Integer"),
  ])
  func `an error says what and where`(
    text: String, line: Int, column: Int, problem: String
  ) {
    #expect(error(text) == ExpressionError(problem, line: line, column: column), "\(text)")
  }

  @Test(arguments: [
    "id = 'a'", "flag", "NOT flag", "TRUE", "id = 5 AND 'true'", "5 = 'a'", "id IN (1, 'a', TRUE)",
    "1 AND id = 'a'", "'5' < 6", "1 IN ('1')", "BOOL(id)", "is_bool ( id )\r\n\tOR EXISTS\nx",
  ])
  func `a condition is taken`(text: String) {
    #expect(error(text) == nil)
  }

  @Test func `the length of the text is bounded`() {
    let least = "id = ''"
    let filler = String(repeating: "a", count: ExpressionLimits.textBytesMax - least.utf8.count)
    #expect(error("id = '\(filler)'") == nil)
    #expect(error("id = '\(filler)a'")?.problem.contains("at most 16384") == true)
  }

  @Test func `clauses are counted`() {
    let clause = "x=1"
    func chain(_ count: Int) -> String {
      Array(repeating: clause, count: count).joined(separator: " OR ")
    }
    #expect(error(chain(ExpressionLimits.clausesMax)) == nil)
    let beyond = error(chain(ExpressionLimits.clausesMax + 1))
    #expect(beyond?.problem == "there are more than 256 clauses")
    #expect(beyond?.column == 256 * 7 + 1)
  }

  @Test(arguments: [("(", "TRUE", ")"), ("NOT ", "flag", ""), ("BOOL(", "flag", ")")])
  func `nesting is bounded`(open: String, inner: String, close: String) {
    func nested(_ depth: Int) -> String {
      String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
    }
    #expect(error(nested(ExpressionLimits.depthMax)) == nil)
    #expect(error(nested(ExpressionLimits.depthMax + 1))?.problem == "nests deeper than 32")
    let endless = String(String(repeating: open, count: 16_384).prefix(16_384))
    #expect(error(endless)?.problem == "nests deeper than 32")
  }

  @Test func `chains of suffixes and signs are bounded, those of operators are not deep`() {
    func suffixes(_ count: Int) -> String {
      "id" + String(repeating: " LIKE 'a'", count: count)
    }
    #expect(error(suffixes(ExpressionLimits.depthMax)) == nil)
    #expect(error(suffixes(ExpressionLimits.depthMax + 1))?.problem == "nests deeper than 32")
    #expect(
      error(String(repeating: "- ", count: 8_000) + "1 = 1")?.problem == "nests deeper than 32")
    #expect(error("0 = 1" + String(repeating: "+1", count: 8_000)) == nil)
    #expect(error("id" + String(repeating: "=id", count: 5_000)) == nil)
    #expect(error("id" + String(repeating: " OR id", count: 2_500)) == nil)
  }

  @Test func `the deepest takes a small stack`() {
    onSmallStack {
      let event = EventView(attributes: [("x", .integer(1))])
      for (open, close) in Self.steps {
        let depths = 1...ExpressionLimits.depthMax
        let filters = depths.lazy.map { depth in
          try? Filter(
            sql: "1 = " + String(repeating: open, count: depth) + "x"
              + String(repeating: close, count: depth))
        }.prefix { $0 != nil }
        guard let deepest = Array(filters).last ?? nil else {
          Issue.record("\(open)x\(close) is refused")
          continue
        }
        _ = deepest.evaluate(event)
        _ = deepest.explain(event)
        _ = deepest.anchors
      }
      // Refused, but only after the parser went as deep as it does.
      _ = try? Filter(sql: String(repeating: "1 OR 1 = 1 + 1 * (", count: 900))
      _ = try? Filter(sql: String(repeating: "1 OR 1 = 1 + 1 * BOOL(NOT ", count: 600))
    }
  }

  /// What may be in each other, with operators of each level on the way.
  private static let steps = [
    ("(", ")"), ("- ", ""), ("BOOL(", ")"), ("(TRUE AND ", ")"), ("BOOL(1 OR 1 = 1 + 1 * ", ")"),
    ("(x IN (1 + ", "))"), ("CONCAT('a', ", ")"), ("INT(TRUE XOR 1 * ", ")"), ("(1 * ", ")"),
    ("SUBSTRING(", ", 1, 2)"), ("(", " LIKE 'a')"),
  ]
}
