import Expressions
import Testing

@Suite struct PatternAnchorTests {
  private func anchors(_ pattern: String) throws -> [Anchor]? {
    try Filter(pattern: pattern).anchors
  }

  @Test func `values and prefixes can be looked up`() throws {
    #expect(
      try anchors(#"{"a": ["x", {"prefix": "y"}, 1.50, true, null]}"#) == [
        Anchor(["a"], .string("x")), Anchor(["a"], .prefix("y")), Anchor(["a"], .number("1.5")),
        Anchor(["a"], .boolean(true)), Anchor(["a"], .null),
      ])
    #expect(
      try anchors(#"{"a": [{"wildcard": "x\\**"}, {"wildcard": "z"}, {"numeric": ["=", 1e2]}]}"#)
        == [
          Anchor(["a"], .prefix("x*")), Anchor(["a"], .string("z")), Anchor(["a"], .number("100")),
        ])
  }

  @Test func `what can't be looked up gives no anchors`() throws {
    for value in [
      #""x", {"exists": false}"#, #"{"exists": true}"#, #""x", {"suffix": "a"}"#,
      #"{"anything-but": "a"}"#, #"{"prefix": {"equals-ignore-case": "a"}}"#, #"{"prefix": ""}"#,
      #"{"wildcard": "*a"}"#, #"{"numeric": [">", 1]}"#, #"{"cidr": "10.0.0.0/8"}"#,
      #"{"equals-ignore-case": "a"}"#,
    ] {
      #expect(try anchors("{\"a\": [\(value)]}") == nil, "\(value)")
    }
  }

  @Test func `the best member is chosen`() throws {
    #expect(
      try anchors(#"{"a": [true], "b": {"c": ["x", "y"], "d": ["z"]}, "e": [1]}"#) == [
        Anchor(["b", "d"], .string("z"))
      ])
    #expect(
      try anchors(#"{"a": [{"prefix": "x"}], "b": [1, 2]}"#) == [
        Anchor(["b"], .number("1")), Anchor(["b"], .number("2")),
      ])
    #expect(
      try anchors(#"{"a": [false], "b": [{"prefix": "x"}]}"#) == [Anchor(["b"], .prefix("x"))])
    #expect(try anchors(#"{"a": [{"exists": true}], "b": [null]}"#) == [Anchor(["b"], .null)])
  }

  @Test func `an or has those of all its branches`() throws {
    #expect(
      try anchors(#"{"data": {"$or": [{"a": ["x"]}, {"b": ["y"], "c": [1]}, {"a": ["x"]}]}}"#) == [
        Anchor(["data", "a"], .string("x")), Anchor(["data", "b"], .string("y")),
      ])
    #expect(try anchors(#"{"$or": [{"a": ["x"]}, {"b": [{"exists": true}]}]}"#) == nil)
    #expect(
      try anchors(#"{"$or": [{"a": ["x"]}, {"b": [{"exists": true}]}], "c": [true]}"#) == [
        Anchor(["c"], .boolean(true))
      ])
    #expect(
      try anchors(#"{"$or": [{"a": ["x"]}, {"b": ["y"]}], "c": ["z"]}"#) == [
        Anchor(["c"], .string("z"))
      ])
  }

  @Test func `there are so many anchors and no more`() throws {
    func pattern(_ count: Int) -> String {
      "{\"a\": [\((0..<count).map { "\"v\($0)\"" }.joined(separator: ","))]}"
    }
    func or(_ count: Int) -> String {
      let branches = (0..<count).map { "{\"a\": [\"v\($0)\"]}" }.joined(separator: ",")
      return "{\"$or\": [\(branches)]}"
    }
    #expect(try anchors(pattern(ExpressionLimits.anchorsMax))?.count == ExpressionLimits.anchorsMax)
    #expect(try anchors(pattern(ExpressionLimits.anchorsMax + 1)) == nil)
    #expect(try anchors(or(ExpressionLimits.anchorsMax))?.count == ExpressionLimits.anchorsMax)
    #expect(try anchors(or(ExpressionLimits.anchorsMax + 1)) == nil)
  }
}
