package import EventCore
internal import Expressions

/// An event and who subscribes to its name, of one and the same moment; their filters have yet to
/// look at a trigger.
package struct Candidates: Sendable {
  package let event: Event
  /// In the order of their ids.
  package let subscriptions: [CompiledSubscription]
  let groups: [String: SubscriptionGroup]

  /// Those whose filter matches, and their groups.
  ///
  /// - Parameter trigger: complete, with its defaults.
  package func match(_ trigger: Trigger) -> EventMatch {
    let view =
      subscriptions.contains(where: \.hasFilter)
      ? EventView(
        trigger, trigger.payload, readsData: subscriptions.contains(where: \.filterReadsData))
      : EventView()
    let matching = subscriptions.filter { $0.matches(view) }.map(\.subscription)
    let ids = Set(matching.lazy.map(\.groupID).filter { !$0.isEmpty })
    return EventMatch(event, matching, ids.sorted().compactMap { groups[$0] })
  }

  /// As if all that is there for the trigger were this one. Alone it is of no group: the others' part
  /// of it would be missing.
  package func only(_ subscriptionID: String) -> Candidates? {
    guard
      let found = subscriptions.first(where: { $0.subscription.subscriptionID == subscriptionID })
    else { return nil }
    var subscription = found.subscription
    subscription.groupID = ""
    return Candidates(
      event: event, subscriptions: [CompiledSubscription(subscription)], groups: [:])
  }
}
