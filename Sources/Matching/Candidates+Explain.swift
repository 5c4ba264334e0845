package import EventCore
package import Expressions

extension Candidates {
  /// What `match` would give, for one who only wants to know: filters that can't be evaluated are
  /// not counted.
  ///
  /// - Parameter view: of the trigger, with its data.
  package func matchUncounted(_ trigger: Trigger, _ view: EventView) -> EventMatch {
    let parsed = ParsedPayload(content: view.data)
    return match(
      found(in: TriggerView(trigger, parsed)).filter { subscription in
        subscription.explain(view).map { $0.result == .match } ?? true
      })
  }
}
