internal import EventCore
internal import Expressions
internal import Synchronization

/// A subscription's filter with what it counted: it outlives updates that don't change it.
final class CompiledFilter: Sendable {
  let source: SubscriptionFilter
  private let result: Result<Filter, ExpressionError>
  private let problems = Mutex((count: UInt64(0), last: ""))

  init(_ source: SubscriptionFilter) {
    self.source = source
    result = Result { () throws(ExpressionError) in try Filter(source) }
  }

  var readsData: Bool {
    guard case .success(let filter) = result else { return false }
    return filter.readsData
  }

  /// Nil also if one of them is none that an index can look up.
  var anchors: [Anchor]? {
    guard case .success(let filter) = result, let anchors = filter.anchors,
      anchors.allSatisfy(\.isIndexable)
    else { return nil }
    return anchors
  }

  /// An event for which it can't be evaluated does not match, and is counted.
  func matches(_ event: EventView) -> Bool {
    let problem: String
    switch result {
    case .failure(let error): problem = "\(error)"
    case .success(let filter):
      switch filter.evaluate(event) {
      case .match: return true
      case .noMatch: return false
      case .error(let reason): problem = reason
      }
    }
    problems.withLock { $0 = ($0.count + 1, problem) }
    return false
  }

  func explain(_ event: EventView) -> FilterExplanation {
    switch result {
    case .failure(let error): FilterExplanation(.error("\(error)"))
    case .success(let filter): filter.explain(event)
    }
  }

  var errors: (count: UInt64, last: String) { problems.withLock { $0 } }
}

extension Filter {
  init(_ filter: SubscriptionFilter) throws(ExpressionError) {
    switch filter.language {
    case .sql: try self.init(sql: filter.text)
    case .json: try self.init(json: filter.text)
    case .pattern: try self.init(pattern: filter.text)
    }
  }
}
