import Expressions
import Testing

@Suite struct SQLAnchorTests {
  private func anchors(_ text: String) throws -> [Anchor]? { try Filter(sql: text).anchors }

  private func type(_ condition: Anchor.Condition) -> Anchor { Anchor(["type"], condition) }

  @Test func `an equality with a string is looked up`() throws {
    #expect(try anchors("type = 'x'") == [type(.string("x"))])
    #expect(try anchors("'x' = type") == [type(.string("x"))])
    #expect(try anchors("(TYPE = 'x')") == [type(.string("x"))])
  }

  @Test func `casts bring other types`() throws {
    #expect(try anchors("type = '5'") == [type(.string("5")), type(.number("5"))])
    #expect(try anchors("type = '05'") == [type(.string("05"))])
    #expect(try anchors("'05' = type") == [type(.string("05")), type(.number("5"))])
    #expect(try anchors("type = 'true'") == [type(.string("true")), type(.boolean(true))])
    #expect(try anchors("'TRUE' = type") == [type(.string("TRUE")), type(.boolean(true))])
    #expect(
      try anchors("5 = type") == [type(.string("5")), type(.number("5")), type(.boolean(true))])
    // The strings '5', '05', '+5' and so on.
    #expect(try anchors("type = 5") == nil)
    #expect(try anchors("type = TRUE") == nil)
    #expect(try anchors("type") == [type(.boolean(true))])
  }

  @Test func `sets and patterns`() throws {
    #expect(try anchors("type IN ('a', 'b', 'a')") == [type(.string("a")), type(.string("b"))])
    #expect(try anchors("type IN ('a', source)") == nil)
    #expect(try anchors("type NOT IN ('a')") == nil)
    #expect(try anchors("type LIKE 'a.%'") == [type(.prefix("a."))])
    #expect(try anchors("type LIKE 'a_c'") == [type(.prefix("a"))])
    #expect(try anchors(#"type LIKE 'a\_c'"#) == [type(.string("a_c"))])
    #expect(try anchors("type LIKE '%a'") == nil)
    #expect(try anchors("type NOT LIKE 'a%'") == nil)
    #expect(try anchors("type LIKE 'tr%'") == [type(.prefix("tr")), type(.boolean(true))])
    // Any of too many numbers.
    #expect(try anchors("type LIKE '12%'") == nil)
    #expect(try anchors("type LIKE '-%'") == nil)
  }

  @Test func `of AND the better side, of OR both`() throws {
    let key = Anchor(["key"], .string("x"))
    #expect(try anchors("id LIKE 'a%' AND key = 'x'") == [key])
    #expect(try anchors("id IN ('a', 'b') AND key = 'x'") == [key])
    #expect(try anchors("id = 'a' AND key = 'x'") == [Anchor(["id"], .string("a"))])
    #expect(try anchors("EXISTS id AND type = 'x'") == [type(.string("x"))])
    #expect(
      try anchors("type = 'x' OR id = 'a'") == [type(.string("x")), Anchor(["id"], .string("a"))])
    #expect(try anchors("type = 'x' OR EXISTS id") == nil)
    #expect(try anchors("type = 'x' XOR id = 'a'") == nil)
    #expect(try anchors("NOT (type = 'x')") == nil)
    // From left to right.
    #expect(try anchors("EXISTS id OR id = 'a' AND type = 'x'") == [type(.string("x"))])
  }

  @Test func `what events of a name have in common comes after what they don't`() throws {
    #expect(try anchors("type = 'x' AND id IN ('a', 'b')")?.count == 2)
    #expect(try anchors("source = 'x' AND id LIKE 'a%'") == [Anchor(["id"], .prefix("a"))])
    #expect(try anchors("flag AND type = 'x'") == [type(.string("x"))])
  }

  @Test func `their number is bounded`() throws {
    func set(_ count: Int) -> String {
      "type IN (" + (0..<count).map { "'a\($0)'" }.joined(separator: ",") + ")"
    }
    #expect(try anchors(set(ExpressionLimits.anchorsMax))?.count == ExpressionLimits.anchorsMax)
    #expect(try anchors(set(ExpressionLimits.anchorsMax + 1)) == nil)
  }

  @Test func `canonically equivalent texts are two`() throws {
    #expect(try anchors("type IN ('\u{E9}', 'e\u{301}')")?.count == 2)
  }
}
