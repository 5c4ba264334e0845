import JSON

/// A content pattern, in the manner that EventBridge made known: a JSON object that mirrors the
/// event, in which each value is an array of what it may be.
///
/// ```
/// {
///   "type": ["order.paid", {"prefix": "order.cancelled."}],
///   "data": {"total": [{"numeric": [">", 100]}], "items": {"sku": ["A-1"], "gift": [true]}},
///   "$or": [{"metadata": {"team": ["eu"]}}, {"priority": [1, 2]}]
/// }
/// ```
///
/// All members of an object must match, and one of a member's alternatives: a string, number, `true`,
/// `false` or `null` (exactly; 1 is 1.0), or
///
/// | | |
/// |---|---|
/// | `{"prefix": "a"}`, `{"suffix": "a"}` | a string; `{"prefix": {"equals-ignore-case": "a"}}` |
/// | `{"equals-ignore-case": "a"}` | a string, see `FoldedText` |
/// | `{"wildcard": "a*b"}` | a string, see `Wildcard` |
/// | `{"anything-but": x}` | any value but `x`: a scalar, an array of them, or one of the above |
/// | `{"numeric": [">", 0, "<=", 5]}` | a number; `=`, `<`, `<=`, `>`, `>=`, compared exactly |
/// | `{"cidr": "10.0.0.0/8"}` | a string that is an IP address in the block |
/// | `{"exists": true}` | any value that is neither object nor array; `false`: none |
///
/// `"$or": [{…}, {…}]` within an object asks for one of the objects at that place.
///
/// Arrays of the event are as their elements: a member matches if one of them does. Where the pattern
/// has an object and the event an array, all members of that object must match within the same
/// element; objects that are apart in the pattern (in branches of an `$or`) each find their own. An
/// object that asks for nothing but absence must match in every element. An empty array is as if
/// nothing were there.
struct ContentPattern: Sendable {
  let text: String
  let nodes: [PatternNode]
  let matchers: [Matcher]
  /// Whether it looks at the payload.
  let readsData: Bool

  /// - Throws: what is wrong with the text and where.
  init(_ text: String) throws(ExpressionError) {
    var compiler = PatternCompiler(text)
    try compiler.run()
    self.text = text
    nodes = compiler.nodes
    matchers = compiler.matchers
    readsData = compiler.readsData
  }

  func evaluate(_ event: EventView) -> FilterResult {
    var evaluation = PatternEvaluation(self, event)
    return evaluation.run()
  }
}
