import Expressions
import Testing

@Suite struct SQLFilterTests {
  private static let event = EventView(attributes: [
    ("id", .string("1")), ("type", .string("order.created")), ("source", .string("/shop")),
    ("count", .integer(7)), ("yes", .boolean(true)), ("quoted", .string("a \"b\"")),
  ])

  private func explain(_ text: String) throws -> FilterExplanation {
    let filter = try Filter(sql: text)
    let explanation = filter.explain(Self.event)
    #expect(explanation.result == filter.evaluate(Self.event), "\(text)")
    return explanation
  }

  @Test func `only true matches`() throws {
    #expect(try explain("type = 'order.created'") == FilterExplanation(.match))
    #expect(try explain("yes").result == .match)
    #expect(
      try explain("count")
        == FilterExplanation(
          .error("the result is the Integer 7, not a Boolean"), clause: "count", path: "count",
          seen: "7"))
    #expect(
      try explain("type")
        == FilterExplanation(
          .error("the result is the String 'order.created', not a Boolean"), clause: "type",
          path: "type", seen: "\"order.created\""))
  }

  @Test func `an error is no match and says why`() throws {
    let missing = try explain("id = '1' AND (tenant = 'a' OR id = '1')")
    #expect(
      missing
        == FilterExplanation(
          .error("the event has no attribute 'tenant'"), clause: "tenant = 'a'", path: "tenant"))
    #expect(
      try explain("type > 5")
        == FilterExplanation(
          .error("can't cast 'order.created' to Integer"), clause: "type > 5", path: "type",
          seen: "\"order.created\""))
    #expect(
      try explain("1 / (count - 7) = 1").result == .error("division by zero"))
    #expect(
      try explain("LEFT(id, count - 10) = ''").result == .error("LEFT can't take -3 characters"))
    #expect(
      try explain("SUBSTRING(id, count) = ''").result
        == .error("SUBSTRING can't begin at 7 of 1 characters"))
    #expect(
      try explain("count * 2147483647 = 1").result
        == .error("the result does not fit an integer of 32 bits"))
  }

  @Test(arguments: [
    ("type = 'a'", "type = 'a'", "type", "\"order.created\""),
    ("(type = 'a')", "type = 'a'", "type", "\"order.created\""),
    ("type LIKE 'order.%' AND  count > 100 AND id = '2'", "count > 100", "count", "7"),
    ("yes AND (id = '1' AND quoted = 'x')", "quoted = 'x'", "quoted", #""a \"b\"""#),
    ("id = '2' OR id = '3'", "id = '2' OR id = '3'", "id", "\"1\""),
    ("yes AND (id = '2' OR type = 'a')", "id = '2' OR type = 'a'", "", ""),
    ("id = '2' OR type = 'a' AND yes", "id = '2' OR type = 'a'", "", ""),
    ("(id = '2' AND yes) OR (type = 'a')", "(id = '2' AND yes) OR (type = 'a')", "", ""),
    ("yes XOR (id = '1')", "yes XOR (id = '1')", "", ""),
    ("NOT (id = '1')", "NOT (id = '1')", "id", "\"1\""),
    ("NOT EXISTS id", "NOT EXISTS id", "id", "\"1\""),
    ("EXISTS subject", "EXISTS subject", "subject", ""),
    ("id NOT IN ('1', '2')", "id NOT IN ('1', '2')", "id", "\"1\""),
    ("source NOT LIKE '/%'", "source NOT LIKE '/%'", "source", "\"/shop\""),
    ("id = type", "id = type", "", ""), ("FALSE", "FALSE", "", ""),
    ("type = 'é'\n AND yes", "type = 'é'", "type", "\"order.created\""),
  ])
  func `the clause that decided is shown`(
    text: String, clause: String, path: String, seen: String
  ) throws {
    #expect(
      try explain(text) == FilterExplanation(.noMatch, clause: clause, path: path, seen: seen))
  }

  @Test func `what is shown is bounded`() throws {
    let long = String(repeating: "é", count: 2_000)
    let explanation = try Filter(sql: "a = '\(long)'").explain(
      EventView(attributes: [("a", .string(long + "x"))]))
    #expect(explanation.result == .noMatch)
    #expect(explanation.clause.utf8.count <= ExpressionLimits.shownBytesMax + 3)
    #expect(explanation.seen.utf8.count <= ExpressionLimits.shownBytesMax + 3)
  }

  @Test func `it reads no payload`() throws {
    #expect(try !Filter(sql: "id = '1'").readsData)
  }
}
