import Expressions
import TestSupport
import Testing

@Suite struct SubscriptionsErrorTests {
  private func error(_ text: String) -> ExpressionError? {
    do throws(ExpressionError) {
      _ = try Filter(json: text)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [
    ("{}", 1, 1, "expected a dialect: exact, prefix, suffix, all, any, not or sql"),
    ("[]", 1, 1, "the filters must have at least one filter"),
    ("5", 1, 1, "expected a filter, an object with one dialect"),
    (#"["a"]"#, 1, 2, "expected a filter, an object with one dialect"),
    (#"[[{"exact": {"id": "1"}}]]"#, 1, 2, "expected a filter, an object with one dialect"),
    (
      "{\n  \"regex\": {}\n}", 2, 3,
      "there is no dialect 'regex'; there are exact, prefix, suffix, all, any, not or sql"
    ),
    (
      #"{"exact": {"id": "1"}, "prefix": {"id": "1"}}"#, 1, 24,
      "a filter has one dialect; this has more"
    ),
    (#"{"exact": {}}"#, 1, 11, "'exact' must have at least one attribute"),
    (#"{"exact": "x"}"#, 1, 11, "'exact' takes an object of attributes and texts"),
    (#"{"prefix": {"id": 5}}"#, 1, 19, "'prefix' compares with a text that is not empty"),
    (#"{"suffix": {"id": ""}}"#, 1, 19, "'suffix' compares with a text that is not empty"),
    (
      #"{"exact": {"": "x"}}"#, 1, 12,
      "the name of an attribute has only lower-case letters and digits"
    ),
    (
      #"{"exact": {"Id": "x"}}"#, 1, 12,
      "the name of an attribute has only lower-case letters and digits"
    ),
    (#"{"exact": {"a": "x", "data": "x"}}"#, 1, 22, "'data' is not an attribute"),
    (#"{"all": []}"#, 1, 9, "'all' must have at least one filter"),
    (#"{"any": {}}"#, 1, 9, "'any' takes an array of filters"),
    (
      #"{"all": [{"exact": {"id": "1"}}, {}]}"#, 1, 34,
      "expected a dialect: exact, prefix, suffix, all, any, not or sql"
    ),
    (#"{"not": [{"exact": {"id": "1"}}]}"#, 1, 9, "expected a filter, an object with one dialect"),
    (#"{"sql": {}}"#, 1, 9, "'sql' takes a string, an expression of CloudEvents SQL"),
    (#"{"sql": "id = FOO()"}"#, 1, 15, "there is no function 'FOO'"),
    (#"{"sql": "id = \"\u00e9\" AND\tFOO()"}"#, 1, 31, "there is no function 'FOO'"),
    (#"{"sql": ""}"#, 1, 10, "expected a value"),
    (#"{"sql": "1 + 1"}"#, 1, 10, "a filter is a Boolean; this is of type Integer"),
  ])
  func `an error says what and where`(
    text: String, line: Int, column: Int, problem: String
  ) {
    #expect(error(text) == ExpressionError(problem, line: line, column: column), "\(text)")
  }

  @Test(arguments: [
    "", "{", #"{"exact": {"id": "1", "id": "2"}}"#, "{\"exact\": {\"id\": \"\u{1}\"}}",
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(error(text) != nil)
  }

  @Test func `the length of the text is bounded`() {
    let filler = String(repeating: "a", count: ExpressionLimits.textBytesMax)
    #expect(error(#"{"exact": {"id": "\#(filler)"}}"#)?.problem.contains("at most 16384") == true)
  }

  @Test func `nesting is bounded, on a small stack`() {
    let depthMax = ExpressionLimits.depthMax
    let deep = String(repeating: "STRING(", count: depthMax - 1)
    let ends = String(repeating: ")", count: depthMax - 1)
    func nested(_ depth: Int, _ open: String, _ close: String) -> String {
      String(repeating: open, count: depth) + "{\"sql\": \"'1' = \(deep)x\(ends)\"}"
        + String(repeating: close, count: depth)
    }
    for (open, close) in [("{\"not\":", "}"), ("{\"any\":[", "]}"), ("{\"all\":[", "]}")] {
      let deepest = nested(depthMax, open, close)
      onSmallStack {
        guard let filter = try? Filter(json: deepest) else {
          Issue.record("\(open) is refused")
          return
        }
        let event = EventView(attributes: [("x", .integer(2))])
        _ = filter.evaluate(event)
        _ = filter.explain(event)
        _ = filter.anchors
      }
      let deeper = nested(depthMax + 1, open, close)
      #expect(error(deeper)?.problem == "nests deeper than 32")
    }
    #expect(error(nested(2_000, "{\"not\":", "}")) != nil)
  }

  @Test func `clauses are counted, those of SQL too`() {
    func any(_ count: Int, _ filter: String) -> String {
      "{\"any\": [" + Array(repeating: filter, count: count).joined(separator: ",") + "]}"
    }
    let exact = #"{"exact":{"id":"1"}}"#
    #expect(error(any(ExpressionLimits.clausesMax - 1, exact)) == nil)
    #expect(
      error(any(ExpressionLimits.clausesMax, exact))?.problem == "there are more than 256 clauses")
    let sql = #"{"sql": "a = 1 OR b = 2 OR c = 3"}"#
    #expect(error(any(85, sql)) == nil)
    #expect(error(any(86, sql))?.problem == "there are more than 256 clauses")
    let attributes = (0..<257).map { "\"a\($0)\": \"x\"" }.joined(separator: ",")
    #expect(
      error("{\"exact\": {\(attributes)}}")?.problem == "there are more than 256 clauses")
  }
}
