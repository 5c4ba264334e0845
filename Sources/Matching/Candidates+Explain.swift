package import EventCore
package import Expressions

extension Candidates {
  /// What `match` would give, for one who only wants to know: filters that can't be evaluated are
  /// not counted.
  package func matchUncounted(_ view: EventView) -> EventMatch {
    let matching = subscriptions.filter { subscription in
      subscription.explain(view).map { $0.result == .match } ?? true
    }.map(\.subscription)
    let ids = Set(matching.lazy.map(\.groupID).filter { !$0.isEmpty })
    return EventMatch(event, matching, ids.sorted().compactMap { groups[$0] })
  }
}
