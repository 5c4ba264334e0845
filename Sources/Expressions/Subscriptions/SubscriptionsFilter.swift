/// A filter in the dialects of CloudEvents Subscriptions: an object with one dialect, or an array of
/// such objects, which all must hold.
///
/// See https://github.com/cloudevents/spec/blob/main/subscriptions/spec.md#324-filters.
struct SubscriptionsFilter: Sendable {
  /// What a filter contains comes before it, so that the last is the whole.
  let nodes: [SubscriptionsNode]

  init(_ text: String) throws(ExpressionError) {
    nodes = try SubscriptionsParser.parse(text)
  }

  var root: Int { nodes.count - 1 }

  func evaluate(_ event: EventView) -> FilterResult { evaluate(root, event) }

  /// Recurses as deep as filters nest. An error is that of the expression that decided: to `any` it is
  /// a filter that did not match, and so it is to `not`, which matches then, as the specification
  /// has it of dialect `sql`.
  func evaluate(_ index: Int, _ event: EventView) -> FilterResult {
    switch nodes[index] {
    case .attributes(let comparison, let conditions):
      return conditions.allSatisfy { comparison.holds(event[$0.name], $0.text) }
        ? .match : .noMatch
    case .all(let filters):
      for filter in filters {
        let result = evaluate(filter, event)
        if result != .match { return result }
      }
      return .match
    case .any(let filters): return evaluate(any: filters, event)
    case .not(let filter): return evaluate(filter, event) == .match ? .noMatch : .match
    case .sql(let filter): return filter.evaluate(event)
    }
  }

  private func evaluate(any filters: [Int], _ event: EventView) -> FilterResult {
    var result = FilterResult.noMatch
    for filter in filters {
      switch evaluate(filter, event) {
      case .match: return .match
      case .noMatch: continue
      case .error(let problem): if result == .noMatch { result = .error(problem) }
      }
    }
    return result
  }
}

enum SubscriptionsNode: Sendable {
  /// All of them.
  case attributes(Comparison, [Condition])
  case all([Int])
  case any([Int])
  case not(Int)
  case sql(SQLFilter)

  struct Condition: Sendable {
    /// Of an attribute.
    var name: String
    var text: String
  }

  /// Of an attribute's canonical text, by Unicode scalars. The raw value is the dialect's name.
  enum Comparison: String, Sendable {
    case exact, prefix, suffix

    func holds(_ value: AttributeValue?, _ text: String) -> Bool {
      guard let value = value?.text else { return false }
      switch self {
      case .exact: return value.isIdentical(to: text)
      case .prefix: return value.begins(with: text)
      case .suffix: return value.ends(with: text)
      }
    }
  }
}
