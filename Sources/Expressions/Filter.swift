/// Says which events a subscription wants: compiled once, when it is written or read from the store,
/// then asked for each event. It never throws and never takes long: what could is refused when it is
/// written.
package struct Filter: Sendable {
  private enum Form: Sendable {
    case sql(SQLFilter)
    case subscriptions(SubscriptionsFilter)
    case pattern(ContentPattern)
  }

  private let form: Form

  /// CloudEvents SQL v1.
  package init(sql: String) throws(ExpressionError) { form = .sql(try SQLFilter(sql)) }

  /// The dialects of CloudEvents Subscriptions: exact, prefix, suffix, all, any, not, sql.
  package init(json: String) throws(ExpressionError) {
    form = .subscriptions(try SubscriptionsFilter(json))
  }

  /// A content pattern over attributes and payload.
  package init(pattern: String) throws(ExpressionError) {
    form = .pattern(try ContentPattern(pattern))
  }

  /// Whether it looks at the payload, which so has to be parsed.
  package var readsData: Bool {
    switch form {
    case .sql, .subscriptions: false
    case .pattern(let pattern): pattern.readsData
    }
  }

  package func evaluate(_ event: EventView) -> FilterResult {
    switch form {
    case .sql(let filter): filter.evaluate(event)
    case .subscriptions(let filter): filter.evaluate(event)
    case .pattern(let pattern): pattern.evaluate(event)
    }
  }

  /// The same, with the clause that decided it. Slower.
  package func explain(_ event: EventView) -> FilterExplanation {
    switch form {
    case .sql(let filter): filter.explain(event)
    case .subscriptions(let filter): filter.explain(event)
    case .pattern(let pattern): pattern.explain(event)
    }
  }

  /// For an index: conditions of which at least one holds for every event that the filter matches.
  /// Nil if there are none that an index could look up.
  package var anchors: [Anchor]? {
    switch form {
    case .sql(let filter): filter.anchors
    case .subscriptions(let filter): filter.anchors
    case .pattern(let pattern): pattern.anchors
    }
  }
}

package enum FilterResult: Hashable, Sendable {
  case match
  case noMatch
  /// It could not be evaluated, which counts as no match: why, such as "can't cast 'x' to Integer".
  case error(String)
}

/// Why a filter matches or does not.
package struct FilterExplanation: Hashable, Sendable {
  package var result: FilterResult
  /// Of no match or an error: the innermost clause that decided it, as it is written in the filter:
  /// `total > 100`, `{"prefix":"eu-"}`. Empty otherwise.
  package var clause: String
  /// Where that clause looked: `data.total`, `type`. Empty if at several places or none.
  package var path: String
  /// What it saw there as JSON text; empty if there was nothing.
  package var seen: String

  package init(_ result: FilterResult, clause: String = "", path: String = "", seen: String = "") {
    self.result = result
    self.clause = clause
    self.path = path
    self.seen = seen
  }
}

/// A condition that an index can look up: a value at a place.
package struct Anchor: Hashable, Sendable {
  /// Names of members from the event's JSON format on: `["type"]`, `["data", "order", "id"]`. Arrays
  /// on the way are transparent: the condition may hold for any element.
  package var path: [String]
  package var condition: Condition

  package enum Condition: Hashable, Sendable {
    /// Exactly this string.
    case string(String)
    /// A string that begins so.
    case prefix(String)
    /// A number, as `JSONNumber.description` writes it.
    case number(String)
    case boolean(Bool)
    case null
  }

  package init(_ path: [String], _ condition: Condition) {
    self.path = path
    self.condition = condition
  }
}
