import EventCore
import Testing

@Suite struct NameRuleTests {
  @Test(arguments: ["a", "0", "order.created", "a-b_c.9", "a.b.c.d", "x--", "a_", "1.2.3"])
  func `an event's name is segments joined by dots`(_ name: String) {
    #expect(NameRule.event.problem(with: name) == nil)
    #expect(NameRule.eventPattern.problem(with: name) == nil)
  }

  @Test(arguments: [
    ".", "a.", ".a", "a..b", "A", "a b", "-a", "_a", "a.-b", "ä", "a.*", "a/b", "a\u{0}", "*",
  ])
  func `what is no event's name is refused with words`(_ name: String) {
    #expect(NameRule.event.problem(with: name)?.contains("order.created") == true)
  }

  @Test(arguments: ["*", "**", "order.*", "order.**", "*.created", "*.*", "a.*.b", "*.**"])
  func `a pattern may have one segment or the whole rest open`(_ pattern: String) {
    #expect(NameRule.eventPattern.problem(with: pattern) == nil)
  }

  @Test(arguments: ["**.a", "a.**.b", "***", "a*", "*a", "a.", "*.", "**.*", "**.**"])
  func `what is no pattern is refused`(_ pattern: String) {
    #expect(NameRule.eventPattern.problem(with: pattern) != nil)
  }

  @Test(arguments: ["a", "0", "a.b", "a..b", "a-", "a_b.c-d", "managed.order.created"])
  func `an identifier starts with a letter or digit`(_ name: String) {
    #expect(NameRule.identifier.problem(with: name) == nil)
  }

  @Test(arguments: [".a", "-a", "_a", "A", "a b", "a/b", "é", "a\u{0}b", "*"])
  func `what is no identifier is refused`(_ name: String) {
    #expect(NameRule.identifier.problem(with: name)?.contains("must start with") == true)
  }

  @Test(arguments: [NameRule.event, .eventPattern, .identifier])
  func `a name is required and has a longest length`(_ rule: NameRule) {
    #expect(rule.problem(with: "") == "is required")
    #expect(rule.problem(with: String(repeating: "a", count: 128)) == nil)
    #expect(
      rule.problem(with: String(repeating: "a", count: 129))
        == "is 129 bytes long; at most 128 are allowed")
  }

  @Test func `an organization's name is an identifier`() throws {
    #expect(try Organization("acme").name == "acme")
    #expect(throws: GatewayError.self) { try Organization("Acme") }
    #expect(throws: GatewayError.self) { try Organization("") }
  }
}
