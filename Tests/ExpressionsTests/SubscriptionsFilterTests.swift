import Expressions
import TestSupport
import Testing

@Suite struct SubscriptionsFilterTests {
  private static let event = EventView(attributes: [
    ("id", .string("1")), ("type", .string("com.github.push")), ("count", .integer(-42)),
    ("flag", .boolean(true)), ("word", .string("e\u{301}")),
  ])

  private func result(_ text: String) throws -> FilterResult {
    let filter = try Filter(json: text)
    let result = filter.evaluate(Self.event)
    let explanation = filter.explain(Self.event)
    #expect(explanation.result == result, "\(text)")
    #expect(explanation.clause.isEmpty == (result == .match), "\(text)")
    return result
  }

  @Test(arguments: [
    (#"{"exact": {"type": "com.github.push"}}"#, true),
    (#"{"exact": {"type": "com.github.Push"}}"#, false),
    (#"{"exact": {"type": "com.github.push", "id": "1"}}"#, true),
    (#"{"exact": {"type": "com.github.push", "id": "2"}}"#, false),
    (#"{"exact": {"missing": "x"}}"#, false), (#"{"exact": {"count": "-42"}}"#, true),
    (#"{"exact": {"count": "-042"}}"#, false), (#"{"exact": {"flag": "true"}}"#, true),
    (#"{"exact": {"flag": "TRUE"}}"#, false), (#"{"exact": {"word": "\u00e9"}}"#, false),
    (#"{"prefix": {"type": "com.github."}}"#, true), (#"{"prefix": {"type": "github"}}"#, false),
    (#"{"prefix": {"word": "e"}}"#, true), (#"{"prefix": {"count": "-4", "flag": "t"}}"#, true),
    (#"{"suffix": {"type": ".push"}}"#, true), (#"{"suffix": {"type": ".pull"}}"#, false),
    (#"{"suffix": {"id": "11"}}"#, false), (#"{"suffix": {"missing": "1"}}"#, false),
    (#"{"all": [{"exact": {"id": "1"}}, {"suffix": {"type": "push"}}]}"#, true),
    (#"{"all": [{"exact": {"id": "1"}}, {"suffix": {"type": "pull"}}]}"#, false),
    (#"{"any": [{"exact": {"id": "2"}}, {"suffix": {"type": "push"}}]}"#, true),
    (#"{"any": [{"exact": {"id": "2"}}, {"suffix": {"type": "pull"}}]}"#, false),
    (#"{"not": {"exact": {"id": "2"}}}"#, true), (#"{"not": {"exact": {"missing": "2"}}}"#, true),
    (#"{"not": {"not": {"exact": {"id": "2"}}}}"#, false), (#"{"sql": "count < 0"}"#, true),
    (#"{"sql": "count > 0"}"#, false), (#"{"not": {"sql": "missing = 'x'"}}"#, true),
    (#"{"any": [{"sql": "missing = 'x'"}, {"exact": {"id": "1"}}]}"#, true),
    (#"[{"exact": {"id": "1"}}, {"prefix": {"type": "com"}}]"#, true),
    (#"[{"exact": {"id": "1"}}, {"prefix": {"type": "org"}}]"#, false),
  ])
  func `a dialect holds as the specification says`(text: String, expected: Bool) throws {
    #expect(try result(text) == (expected ? .match : .noMatch), "\(text)")
  }

  @Test(arguments: [
    #"{"sql": "missing = 'x'"}"#, #"[{"exact": {"id": "1"}}, {"sql": "missing = 'x'"}]"#,
    #"{"any": [{"exact": {"id": "2"}}, {"sql": "missing = 'x'"}]}"#,
  ])
  func `an error of SQL is said`(text: String) throws {
    let explanation = try Filter(json: text).explain(Self.event)
    #expect(
      explanation
        == FilterExplanation(
          .error("the event has no attribute 'missing'"), clause: "missing = 'x'", path: "missing"))
    #expect(try result(text) == explanation.result)
  }

  @Test(arguments: [
    (
      #"{"all": [{"exact": {"id": "1"}}, {"suffix": {"id": "1", "type": ".pull"}}]}"#,
      #"{"suffix":{"type":".pull"}}"#, "type", #""com.github.push""#
    ),
    (#"{"exact": {"a": "b"}}"#, #"{"exact":{"a":"b"}}"#, "a", ""),
    (
      #"{"any": [{"exact": {"id": "2"}}, {"prefix": {"id": "3\""}}]}"#,
      #"{"any":[{"exact":{"id":"2"}},{"prefix":{"id":"3\""}}]}"#, "id", #""1""#
    ),
    (#"{"any": [{"exact": {"count": "2"}}]}"#, #"{"exact":{"count":"2"}}"#, "count", "-42"),
    (#"{"not": {"sql": "id = '1'"}}"#, #"{"not":{"sql":"id = '1'"}}"#, "id", #""1""#),
    (#"[{"sql": "flag AND count > 5"}]"#, "count > 5", "count", "-42"),
    (
      #"{"any": [{"exact": {"id": "2"}}, {"all": [{"exact": {"type": "x"}}]}]}"#,
      #"{"any":[{"exact":{"id":"2"}},{"all":[{"exact":{"type":"x"}}]}]}"#, "", ""
    ),
  ])
  func `the filter that decided is shown`(
    text: String, clause: String, path: String, seen: String
  ) throws {
    #expect(
      try Filter(json: text).explain(Self.event)
        == FilterExplanation(.noMatch, clause: clause, path: path, seen: seen))
  }

  @Test(arguments: [
    (#"{"exact": {"type": "x"}}"#, [Anchor(["type"], .string("x"))]),
    (#"{"exact": {"a": "5", "b": "x"}}"#, [Anchor(["b"], .string("x"))]),
    (#"{"prefix": {"type": "x"}}"#, [Anchor(["type"], .prefix("x"))]),
    (#"{"prefix": {"type": "5"}}"#, nil), (#"{"suffix": {"type": "x"}}"#, nil),
    (#"{"not": {"exact": {"type": "x"}}}"#, nil),
    (
      #"{"all": [{"suffix": {"id": "x"}}, {"sql": "type = 'x'"}]}"#,
      [Anchor(["type"], .string("x"))]
    ),
    (
      #"{"any": [{"exact": {"id": "x"}}, {"sql": "type = 'x'"}]}"#,
      [Anchor(["id"], .string("x")), Anchor(["type"], .string("x"))]
    ),
    (#"{"any": [{"exact": {"id": "x"}}, {"suffix": {"id": "y"}}]}"#, nil),
    (#"[{"prefix": {"id": "x"}}, {"exact": {"key": "x"}}]"#, [Anchor(["key"], .string("x"))]),
  ])
  func `anchors hold whenever it matches`(text: String, expected: [Anchor]?) throws {
    #expect(try Filter(json: text).anchors == expected, "\(text)")
  }
}
