import Expressions
import Testing

@Suite struct PatternExplanationTests {
  private func explain(_ pattern: String, _ event: String) throws -> FilterExplanation {
    try Filter(pattern: pattern).explain(try EventView(event: event))
  }

  @Test func `the first member that fails is named with what is there`() throws {
    let pattern = #"""
      {"type": ["a"], "data": {"order": {"total": [ {"numeric": [">", 100]},  null ], "x": [1]}}}
      """#
    #expect(
      try explain(pattern, #"{"type": "a", "data": {"order": {"total": 3.50}}}"#)
        == FilterExplanation(
          .noMatch, clause: #"[{"numeric":[">",100]},null]"#, path: "data.order.total", seen: "3.50"
        ))
    #expect(
      try explain(pattern, #"{"type": "a", "data": {"order": {"total": null, "x": {"y": 2}}}}"#)
        == FilterExplanation(.noMatch, clause: "[1]", path: "data.order.x", seen: #"{"y":2}"#))
    #expect(
      try explain(pattern, #"{"type": "b"}"#)
        == FilterExplanation(.noMatch, clause: #"["a"]"#, path: "type", seen: #""b""#))
    #expect(
      try explain(pattern, #"{"type": "a"}"#)
        == FilterExplanation(
          .noMatch, clause: #"[{"numeric":[">",100]},null]"#, path: "data.order.total", seen: ""))
    #expect(
      try explain(pattern, #"{"type": "a", "data": {"order": {"total": 101, "x": 1}}}"#)
        == FilterExplanation(.match))
  }

  @Test func `of an array it shows what its elements have`() throws {
    let pattern = #"{"data": {"items": {"sku": ["a"], "count": [2]}}}"#
    #expect(
      try explain(pattern, #"{"data": {"items": [{"sku": "b"}, [{"sku": "c"}], {}]}}"#)
        == FilterExplanation(
          .noMatch, clause: #"["a"]"#, path: "data.items.sku", seen: #"["b","c"]"#))
    #expect(
      try explain(pattern, #"{"data": {"items": [{"sku": "a"}, {"count": 2}]}}"#)
        == FilterExplanation(
          .noMatch, clause: #"{"sku":["a"],"count":[2]}"#, path: "data.items",
          seen: #"[{"sku":"a"},{"count":2}]"#))
    #expect(
      try explain(
        #"{"data": {"items": {"x": [{"exists": false}]}}}"#, #"{"data":{"items":[{},{"x":1}]}}"#)
        == FilterExplanation(
          .noMatch, clause: #"[{"exists":false}]"#, path: "data.items.x", seen: "1"))
  }

  @Test func `an or fails as a whole`() throws {
    #expect(
      try explain(#"{"data": {"$or": [{"a": [1]}, {"b": [2]}]}}"#, #"{"data": {"a": 2, "b": 1}}"#)
        == FilterExplanation(.noMatch, clause: #"{"$or":[{"a":[1]},{"b":[2]}]}"#, path: "data"))
  }

  @Test func `attributes, metadata and other payloads are shown as JSON`() throws {
    var event = EventView(
      attributes: [("n", .integer(-5)), ("b", .boolean(false))], metadata: ["k": "\"v"],
      data: .binary([1, 2, 3, 4]))
    func seen(_ pattern: String) throws -> String {
      try Filter(pattern: pattern).explain(event).seen
    }
    #expect(try seen(#"{"n": [1]}"#) == "-5")
    #expect(try seen(#"{"b": [1]}"#) == "false")
    #expect(try seen(#"{"metadata": {"k": [1]}}"#) == #""\"v""#)
    #expect(try seen(#"{"metadata": [1]}"#) == #"{"k":"\"v"}"#)
    #expect(try seen(#"{"data_base64": [1]}"#) == #""AQIDBA==""#)
    event.data = .text("täxt")
    #expect(try seen(#"{"data": {"x": [1]}}"#) == "")
    #expect(try seen(#"{"data": [1]}"#) == #""täxt""#)
  }

  @Test(arguments: 0..<4)
  func `what is shown is cut at a character`(_ shift: Int) throws {
    let text = String(repeating: "x", count: shift) + String(repeating: "😀", count: 10_000)
    let value = try explain(#"{"type": ["a"]}"#, #"{"type": "\#(text)"}"#)
    #expect(value.seen.utf8.count <= ExpressionLimits.shownBytesMax + 3)
    #expect(value.seen.hasSuffix("😀…"))
    let clause = try explain(#"{"type": ["\#(text.prefix(4_000))"]}"#, #"{"type": "a"}"#).clause
    #expect(clause.utf8.count <= ExpressionLimits.shownBytesMax + 3 && clause.hasSuffix("😀…"))
  }
}
