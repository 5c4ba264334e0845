import Expressions
import Testing

@Suite struct PatternErrorTests {
  /// A pattern, and where and what its error is.
  static let wrong: [(String, Int, Int, String)] = [
    ("", 1, 1, "value"),
    ("[]", 1, 1, "must be an object"),
    ("{}", 1, 1, "empty object"),
    (#"{"a": ["b"],}"#, 1, 13, "name in quotes"),
    (#"{"a": ["b"], "a": ["b"]}"#, 1, 14, "twice"),
    (#"{"type": "a"}"#, 1, 10, "'type' must be an array of what it may be"),
    (#"{"type": 1}"#, 1, 10, "'type' must be an array of what it may be"),
    ("{\n  \"é\": [\"ä\"], \"b\": null}", 2, 20, "'b' must be an array of what it may be"),
    (#"{"type": []}"#, 1, 10, "'type' must be an array of what it may be, not an empty one"),
    (#"{"data": {}}"#, 1, 10, "empty object"),
    (#"{"a": [["b"]]}"#, 1, 8, "array where a value"),
    (#"{"a": [{}]}"#, 1, 8, "one operator"),
    (#"{"a": [{"prefix": "a", "suffix": "b"}]}"#, 1, 8, "one operator"),
    (#"{"a": [{"regex": "a"}]}"#, 1, 8, "no operator 'regex'"),
    (#"{"a": {"prefix": "a"}}"#, 1, 18, "'prefix' must be an array"),
    (#"{"a": [{"prefix": 1}]}"#, 1, 19, "'prefix' must be a string"),
    (#"{"a": [{"suffix": ["a"]}]}"#, 1, 19, "'suffix' must be a string"),
    (#"{"a": [{"prefix": {"suffix": "a"}}]}"#, 1, 19, "equals-ignore-case"),
    (#"{"a": [{"prefix": {"equals-ignore-case": 1}}]}"#, 1, 42, "must be a string"),
    (#"{"a": [{"equals-ignore-case": null}]}"#, 1, 31, "must be a string"),
    (#"{"a": [{"exists": "true"}]}"#, 1, 19, "true or false"),
    (#"{"a": [{"exists": false, "x": 1}]}"#, 1, 8, "one operator"),
    (#"{"a": [{"wildcard": "a**"}]}"#, 1, 24, "two '*'"),
    (#"{"a": [{"wildcard": "\u00e9\\\\\\x*"}]}"#, 1, 32, "'\\'"),
    (#"{"a": [{"wildcard": "x\\"}]}"#, 1, 23, "'\\'"),
    (#"{"a": [{"cidr": "10.0.0.0"}]}"#, 1, 17, "block of addresses"),
    (#"{"a": [{"cidr": "10.0.0.0/33"}]}"#, 1, 17, "block of addresses"),
    (#"{"a": [{"cidr": "::/129"}]}"#, 1, 17, "block of addresses"),
    (#"{"a": [{"cidr": "::1/"}]}"#, 1, 17, "block of addresses"),
    (#"{"a": [{"cidr": 10}]}"#, 1, 17, "block of addresses"),
    (#"{"a": [{"anything-but": []}]}"#, 1, 25, "empty array"),
    (#"{"a": [{"anything-but": [{"prefix": "a"}]}]}"#, 1, 26, "must be a string, a number"),
    (#"{"a": [{"anything-but": {"numeric": ["<", 1]}}]}"#, 1, 25, "no operator 'numeric'"),
    (#"{"a": [{"anything-but": {"prefix": []}}]}"#, 1, 36, "empty array"),
    (#"{"a": [{"anything-but": {"prefix": ["a", 1]}}]}"#, 1, 42, "must be a string"),
    (#"{"a": [{"anything-but": {}}]}"#, 1, 25, "one operator"),
    (#"{"a": [{"numeric": 5}]}"#, 1, 20, "one or two comparisons"),
    (#"{"a": [{"numeric": []}]}"#, 1, 20, "one or two comparisons"),
    (#"{"a": [{"numeric": [">"]}]}"#, 1, 20, "one or two comparisons"),
    (#"{"a": [{"numeric": [">", 1, "<", 2, "=", 3]}]}"#, 1, 20, "one or two comparisons"),
    (#"{"a": [{"numeric": ["!=", 1]}]}"#, 1, 21, "comparisons =, <"),
    (#"{"a": [{"numeric": [1, 1]}]}"#, 1, 21, "comparisons =, <"),
    (#"{"a": [{"numeric": [">", "1"]}]}"#, 1, 26, "compares with numbers"),
    (#"{"a": [{"numeric": ["<", 5, ">", 0]}]}"#, 1, 29, "lower bound and then"),
    (#"{"a": [{"numeric": [">", 5, ">", 6]}]}"#, 1, 29, "lower bound and then"),
    (#"{"a": [{"numeric": ["=", 5, "<", 6]}]}"#, 1, 29, "lower bound and then"),
    (#"{"a": [{"numeric": [">", 5, "=", 6]}]}"#, 1, 29, "lower bound and then"),
    (#"{"a": [{"numeric": [">", 5, "<", 0]}]}"#, 1, 20, "no number"),
    (#"{"a": [{"numeric": [">", 5, "<=", 5.0]}]}"#, 1, 20, "no number"),
    (#"{"$or": {"a": [1]}}"#, 1, 9, "'$or' must be an array of objects"),
    (#"{"$or": []}"#, 1, 9, "'$or' must be an array of objects"),
    (#"{"$or": [{"a": [1]}, 2]}"#, 1, 22, "'$or' must be an array of objects"),
    (#"{"$or": [{"a": [1]}, {}]}"#, 1, 22, "empty object"),
    (#"{"a": ["b"#, 1, 10, "within a string"),
    (#"{"a": ["\ud800"]}"#, 1, 9, "surrogate"),
  ]

  @Test(arguments: wrong)
  func `what is wrong with a pattern is said with its place`(
    _ text: String, _ line: Int, _ column: Int, _ problem: String
  ) throws {
    let error = #expect(throws: ExpressionError.self) { try Filter(pattern: text) }
    #expect(error?.line == line && error?.column == column, "\(error!)")
    #expect(error?.problem.contains(problem) == true, "\(error!)")
  }

  // MARK: Limits

  private func nested(_ depth: Int) -> String {
    String(repeating: "{\"a\":", count: depth) + "[1]" + String(repeating: "}", count: depth)
  }

  private func nestedOrs(_ depth: Int) -> String {
    String(repeating: "{\"$or\":[", count: depth - 1) + "{\"a\":[1]}"
      + String(repeating: "]}", count: depth - 1)
  }

  @Test func `objects nest so deep and no deeper`() throws {
    for make in [nested, nestedOrs] {
      _ = try Filter(pattern: make(ExpressionLimits.depthMax))
      let error = #expect(throws: ExpressionError.self) {
        try Filter(pattern: make(ExpressionLimits.depthMax + 1))
      }
      #expect(error?.problem.contains("nested more than 32 deep") == true)
    }
    #expect(throws: ExpressionError.self) { try Filter(pattern: nested(3_000)) }
    #expect(throws: ExpressionError.self) {
      try Filter(pattern: String(repeating: "[", count: 10_000))
    }
  }

  @Test func `a pattern has so many clauses and no more`() throws {
    func pattern(_ count: Int) -> String {
      let values = Array(repeating: "1", count: count).joined(separator: ",")
      return #"{"a": [{"exists": false}, {"numeric": ["<", 1]}, {"anything-but": [\#(values)]}]}"#
    }
    _ = try Filter(pattern: pattern(ExpressionLimits.clausesMax - 2))
    let error = #expect(throws: ExpressionError.self) {
      try Filter(pattern: pattern(ExpressionLimits.clausesMax - 1))
    }
    #expect(error?.problem == "has more than 256 clauses")
  }

  @Test func `a pattern is so long and no longer`() throws {
    func pattern(_ count: Int) -> String {
      "{\"a\": [\"\(String(repeating: "x", count: count - 11))\"]}"
    }
    _ = try Filter(pattern: pattern(ExpressionLimits.textBytesMax))
    let error = #expect(throws: ExpressionError.self) {
      try Filter(pattern: pattern(ExpressionLimits.textBytesMax + 1))
    }
    #expect(error?.problem.contains("at most 16384") == true)
  }

  @Test func `a long name is cut in an error`() throws {
    let name = String(repeating: "n", count: 5_000)
    let error = #expect(throws: ExpressionError.self) { try Filter(pattern: "{\"\(name)\": 1}") }
    #expect(error!.problem.utf8.count < 120)
  }
}
