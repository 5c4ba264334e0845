/// A content pattern, in the manner that EventBridge made known.
struct ContentPattern: Sendable {
  init(_ text: String) throws(ExpressionError) {
    throw ExpressionError("is not there yet", line: 1, column: 1)
  }

  var readsData: Bool { true }
  func evaluate(_ event: EventView) -> FilterResult { .noMatch }
  func explain(_ event: EventView) -> FilterExplanation { FilterExplanation(.noMatch) }
  var anchors: [Anchor]? { nil }
}
