import Expressions
import JSON
import Testing

/// What the compatibility kit leaves out.
@Suite struct SQLExpressionTests {
  private static let event = EventView(attributes: [
    ("id", .string("1")), ("type", .string("order.created")), ("source", .string("/shop")),
    ("count", .integer(7)), ("zero", .integer(0)), ("yes", .boolean(true)),
    ("no", .boolean(false)), ("word", .string("é👍e\u{301}")), ("digits", .string("0042")),
    ("least", .integer(.min)), ("truth", .string("TrUe")),
  ])

  private func value(_ text: String) throws -> AttributeValue {
    let (value, error) = try SQLExpression(text).value(for: Self.event)
    #expect(error == nil, "\(text): \(error?.description ?? "")")
    return value
  }

  private func failure(_ text: String) throws -> (AttributeValue, SQLError.Kind?) {
    let (value, error) = try SQLExpression(text).value(for: Self.event)
    return (value, error?.kind)
  }

  @Test(arguments: [
    // By levels: unary, LIKE and IN, product, sum, comparison, logic.
    ("2 + 3 * 4", "14"), ("2 * 3 + 4", "10"), ("10 - 4 - 3", "3"), ("100 / 10 / 5", "2"),
    ("-2 * -3", "6"), ("- 2 + 3", "1"), ("7 % 4 * 2", "6"), ("4-1", "3"), ("4 -1", "3"),
    ("-7 / 2", "-3"), ("-7 % 2", "-1"), ("7 % -2", "1"),
    ("1 + 1 = 2", "true"), ("2 = 1 + 1", "true"), ("1 < 2 = TRUE", "true"),
    ("NOT yes = no", "true"), ("NOT (yes = no)", "true"), ("NOT no AND no", "false"),
    ("1 + '1' LIKE '_'", "2"), ("-1 IN (-1)", "true"), ("-1 LIKE '-_'", "true"),
    ("2 * 3 IN (3)", "2"), ("NOT EXISTS id", "false"), ("NOT yes LIKE 'f%'", "true"),
    ("type LIKE 'order.%' NOT LIKE 'true'", "false"),
    // One level, from left to right.
    ("TRUE OR TRUE AND FALSE", "false"), ("TRUE OR (TRUE AND FALSE)", "true"),
    ("FALSE AND TRUE OR TRUE", "true"), ("TRUE XOR TRUE OR TRUE", "true"),
    ("TRUE XOR (TRUE OR TRUE)", "false"), ("TRUE OR FALSE XOR TRUE", "false"),
    ("1 = 1 = TRUE", "true"), ("3 > 2 > 1", "false"),
  ])
  func `operators bind as their levels say`(text: String, expected: String) throws {
    #expect(try value(text).text == expected, "\(text)")
  }

  @Test(arguments: [
    // Literals.
    (#"'it\'s'"#, "it's"), (#""a\"b'c""#, "a\"b'c"), (#"'a\"b'"#, #"a\"b"#),
    (#"'a\nb'"#, #"a\nb"#), (#"'a\\'"#, #"a\\"#), (#"'\%'"#, #"\%"#), ("''", ""),
    ("-2147483648", "-2147483648"), ("2147483647", "2147483647"), ("+5", "5"), ("007", "7"),
    ("'a\nb'", "a\nb"),
    // Attributes in any case, and those that begin with a digit.
    ("TYPE", "order.created"), ("tYpE = 'order.created'", "true"), ("EXISTS 1st", "false"),
    ("exists Word", "true"), ("EXISTS 12", "false"),
    // Casts.
    ("digits = 42", "true"), ("42 = digits", "false"), ("digits + 0", "42"),
    ("'+5' = 5", "true"), ("count = '7'", "true"), ("yes = 1", "true"), ("1 = yes", "true"),
    ("yes = 'TRUE'", "false"), ("truth = TRUE", "true"), ("truth AND yes", "true"),
    ("count AND yes", "true"), ("zero OR no", "false"), ("yes + yes", "2"),
    ("count IN ('7', '8')", "true"), ("count IN ('07')", "true"), ("digits IN (42)", "false"),
    ("INT('+12')", "12"), ("BOOL('tRUE')", "true"), ("STRING(-0)", "0"),
    ("IS_INT('2147483648')", "false"), ("IS_INT('-5')", "true"), ("is_int(' 5')", "false"),
    ("IS_BOOL('False')", "true"), ("IS_BOOL('yes')", "false"), ("IS_INT(yes)", "true"),
    ("IS_BOOL(7)", "true"), ("IS_INT('')", "false"), ("IS_INT('-')", "false"),
    // Functions, by Unicode scalars.
    ("LENGTH(word)", "4"), ("LEFT(word, 2)", "é👍"), ("RIGHT(word, 1)", "\u{301}"),
    ("SUBSTRING(word, 2, 1)", "👍"), ("SUBSTRING(word, -2)", "e\u{301}"),
    ("SUBSTRING('abc', 2, 0)", ""), ("SUBSTRING('abc', 3, 2147483647)", "c"),
    ("SUBSTRING('', 0)", ""), ("UPPER('straße')", "STRASSE"), ("LOWER('ÀÉ')", "àé"),
    ("TRIM('\u{2003}\t a b\u{A0}\n')", "a b"), ("TRIM('  ')", ""), ("TRIM('\u{7}a')", "\u{7}a"),
    ("CONCAT(1, TRUE, 'x')", "1truex"), ("CONCAT_WS('-', 1, 2, 3)", "1-2-3"),
    ("CONCAT_WS('-')", ""), ("ABS('-3')", "3"), ("LEFT(12345, 2) + 1", "13"),
    ("concat(lower('A'), Upper('b'))", "aB"),
  ])
  func `literals, casts and functions have these values`(text: String, expected: String) throws {
    #expect(try value(text).text == expected, "\(text)")
  }

  @Test(arguments: [
    ("2147483647 + 1", "0", SQLError.Kind.math), ("-2147483648 - 1", "0", .math),
    ("65536 * 65536", "0", .math), ("-least", "0", .math), ("--2147483648", "0", .math),
    ("least / -1", "0", .math), ("1 / zero", "0", .math), ("1 % zero = 0", "false", .math),
    ("'a' / missing", "0", .missingAttribute), ("1 + 'a'", "0", .cast),
    ("'99999999999' = 1", "false", .cast), ("1 = 'a'", "false", nil), ("type = 1", "false", .cast),
    ("type AND yes", "false", .cast), ("NOT type", "true", .cast), ("NOT count", "true", .cast),
    ("1 IN ('a', 1)", "false", .cast), ("1 IN (1, 'a')", "true", nil),
    ("missing IN (1)", "false", .missingAttribute),
    ("1 NOT IN (missing)", "false", .missingAttribute),
    ("missing NOT LIKE '%'", "false", .missingAttribute), ("missing", "false", .missingAttribute),
    ("yes AND missing", "false", .missingAttribute), ("no AND missing", "false", nil),
    ("yes OR missing", "true", nil), ("no OR missing", "false", .missingAttribute),
    ("yes XOR missing", "false", .missingAttribute), ("NO() OR yes", "false", .missingFunction),
    ("LENGTH()", "false", .missingFunction), ("LENGTH(missing)", "0", .missingAttribute),
    ("CONCAT('a', missing)", "", .missingAttribute), ("LEFT(word, type)", "", .cast),
    ("RIGHT('abc', -1) = 'abc'", "false", .functionEvaluation),
    ("SUBSTRING('abc', 1, -1)", "", .functionEvaluation),
    ("SUBSTRING('abc', 0, -1)", "", .functionEvaluation),
    ("SUBSTRING('abc', least)", "", .functionEvaluation), ("ABS(least)", "2147483647", .math),
    ("least % -1", "0", nil),
  ])
  func `an error comes with a value`(
    text: String, expected: String, kind: SQLError.Kind?
  ) throws {
    let (value, error) = try failure(text)
    #expect(value.text == expected && error == kind, "\(text): \(value) \(error as Any)")
  }

  @Test func `canonically equivalent strings are not equal`() throws {
    let event = EventView(attributes: [("a", .string("\u{E9}")), ("b", .string("e\u{301}"))])
    for text in ["a = b", "a IN (b)", "b LIKE '\u{E9}'", "b LIKE '_'"] {
      let (value, error) = try SQLExpression(text).value(for: event)
      #expect(value == .boolean(false) && error == nil, "\(text)")
    }
  }

  @Test func `what a function makes is bounded`() throws {
    let long = EventView(attributes: [
      ("a", .string(String(repeating: "x", count: ExpressionLimits.stringBytesMax / 2)))
    ])
    let limit = try SQLExpression("LENGTH(CONCAT(a, a))").value(for: long)
    #expect(limit.0 == .integer(Int32(ExpressionLimits.stringBytesMax)) && limit.1 == nil)
    for text in ["CONCAT(a, a, 'x')", "CONCAT_WS('x', a, a)"] {
      let (value, error) = try SQLExpression(text).value(for: long)
      #expect(value == .string("") && error?.kind == .functionEvaluation)
    }
  }
}
