import JSON
import JSONSchema
import TestSupport
import Testing

@Suite struct BoundedCheckTests {
  private func deepArrays(_ depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
  }

  @Test func `the deepest value is checked and explained on a small stack`() throws {
    let schema = try Schema(
      JSONDocument(
        """
        {"$ref": "#/$defs/list",
         "$defs": {"list": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/list"}},
                                      {"allOf": [{"type": "string"}]}]}}}
        """))
    let good = try JSONDocument(deepArrays(128))
    let bad = try JSONDocument(
      String(repeating: "[", count: 127) + "1" + String(repeating: "]", count: 127))
    let outcome = onSmallStack {
      (schema.isSatisfied(by: good.root), schema.violations(of: bad.root, atMost: 20))
    }
    #expect(outcome.0)
    #expect(outcome.1.count == 1)
  }

  @Test func `a schema that goes on through dynamic references is a violation, not a crash`() throws
  {
    let schema = try Schema(
      JSONDocument(
        """
        {"$id": "https://a.example/outer", "$dynamicAnchor": "x",
         "allOf": [{"$ref": "inner"}],
         "$defs": {"inner": {"$id": "inner", "$dynamicRef": "#x",
                             "$defs": {"x": {"$dynamicAnchor": "x"}}}}}
        """))
    let value = try JSONDocument("1")
    let violations = onSmallStack { schema.violations(of: value.root, atMost: 20) }
    #expect(violations.count == 1)
    #expect(violations.first?.problem.contains("refers to itself without end") == true)
    #expect(!onSmallStack { schema.isSatisfied(by: value.root) })
  }

  @Test func `a schema whose alternatives double at each level ends`() throws {
    // Each level tries the next twice: 2 to the power of 40.
    let levels = (0..<40).map { level in
      """
      "l\(level)": {"oneOf": [{"$ref": "#/$defs/l\(level + 1)"}, {"$ref": "#/$defs/l\(level + 1)"}]}
      """
    }
    let schema = try Schema(
      JSONDocument(
        """
        {"$ref": "#/$defs/l0", "$defs": {\(levels.joined(separator: ",")), "l40": true}}
        """))
    let value = try JSONDocument("1")
    #expect(!schema.isSatisfied(by: value.root))
    let violations = schema.violations(of: value.root, atMost: 20)
    #expect(violations.map(\.problem) == ["can't be checked: that takes more than 10000000 steps"])
  }

  @Test func `what takes too long does not pass through not`() throws {
    let levels = (0..<40).map { level in
      """
      "l\(level)": {"anyOf": [{"not": {"$ref": "#/$defs/l\(level + 1)"}}, \
      {"$ref": "#/$defs/l\(level + 1)"}, {"allOf": [{"$ref": "#/$defs/l\(level + 1)"}, false]}]}
      """
    }
    let schema = try Schema(
      JSONDocument(
        """
        {"not": {"$ref": "#/$defs/l0"},
         "$defs": {\(levels.joined(separator: ",")), "l40": {"type": "string"}}}
        """))
    let value = try JSONDocument("1")
    let isSatisfied = schema.isSatisfied(by: value.root)
    #expect(isSatisfied == schema.violations(of: value.root, atMost: 1).isEmpty)
  }

  @Test func `numbers of any size are compared exactly`() throws {
    let huge = "1" + String(repeating: "0", count: 10_000)
    #expect(try problems("{\"maximum\": \(huge)}", huge).isEmpty)
    #expect(try problems("{\"maximum\": \(huge)}", huge + ".1").count == 1)
    #expect(try problems("{\"const\": \(huge)}", "1e10000").isEmpty)
    #expect(try problems(#"{"type": "integer"}"#, "1e1000000000").isEmpty)
    #expect(try problems(#"{"multipleOf": 0.01}"#, "4.02").isEmpty)
    #expect(try problems(#"{"multipleOf": 0.01}"#, "4.025").count == 1)
    #expect(try problems(#"{"minimum": 9007199254740993}"#, "9007199254740992.9").count == 1)
  }

  @Test func `many elements are compared for uniqueness in little time`() throws {
    let unique = (0..<100_000).map { "{\"a\":\($0)}" }.joined(separator: ",")
    #expect(try problems(#"{"uniqueItems": true}"#, "[\(unique)]").isEmpty)
    let repeated = (0..<10_000).map { "\"\($0)\"" } + ["\"0\""]
    #expect(
      try problems(#"{"uniqueItems": true}"#, "[\(repeated.joined(separator: ","))]")
        == ["has equal elements at 0 and 10000; no two may be equal"])
  }
}
