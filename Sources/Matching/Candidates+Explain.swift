package import EventCore
package import Expressions

extension Candidates {
  /// What `match` would give, for one who only wants to know: every filter is asked, and those that
  /// can't be evaluated are not counted.
  package func matchUncounted(_ view: EventView) -> EventMatch {
    match(
      subscriptions.filter { subscription in
        subscription.explain(view).map { $0.result == .match } ?? true
      })
  }
}
