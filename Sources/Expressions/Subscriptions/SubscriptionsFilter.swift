/// A filter in the dialects of CloudEvents Subscriptions.
///
/// See https://github.com/cloudevents/spec/blob/main/subscriptions/spec.md#324-filters.
struct SubscriptionsFilter: Sendable {
  init(_ text: String) throws(ExpressionError) {
    throw ExpressionError("is not there yet", line: 1, column: 1)
  }

  func evaluate(_ event: EventView) -> FilterResult { .noMatch }
  func explain(_ event: EventView) -> FilterExplanation { FilterExplanation(.noMatch) }
  var anchors: [Anchor]? { nil }
}
