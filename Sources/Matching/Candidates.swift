package import EventCore
internal import Expressions

/// An event and who subscribes to its name, of one and the same moment; their filters have yet to
/// look at a trigger.
package struct Candidates: Sendable {
  package let compiledEvent: CompiledEvent
  /// In the order of their ids.
  package let subscriptions: [CompiledSubscription]
  let groups: [String: SubscriptionGroup]

  package var event: Event { compiledEvent.event }

  /// Checks a trigger's payload as the event's schema asks for, and notes in the trigger what came
  /// of it.
  ///
  /// - Parameter trigger: complete, with its defaults.
  /// - Returns: the payload for `match`, if it had to be parsed.
  /// - Throws: SCHEMA_VIOLATION or UNSUPPORTED_CONTENT_TYPE if the schema is enforced.
  package func checkSchema(of trigger: inout Trigger) throws(GatewayError) -> ParsedPayload? {
    try compiledEvent.checkSchema(of: &trigger)
  }

  /// Those whose filter matches, and their groups.
  ///
  /// - Parameters:
  ///   - trigger: complete, with its defaults.
  ///   - parsed: its payload, if it was parsed before.
  package func match(_ trigger: Trigger, _ parsed: ParsedPayload? = nil) -> EventMatch {
    let view = subscriptions.contains(where: \.hasFilter) ? view(trigger, parsed) : EventView()
    let matching = subscriptions.filter { $0.matches(view) }.map(\.subscription)
    let ids = Set(matching.lazy.map(\.groupID).filter { !$0.isEmpty })
    return EventMatch(event, matching, ids.sorted().compactMap { groups[$0] })
  }

  private func view(_ trigger: Trigger, _ parsed: ParsedPayload?) -> EventView {
    let readsData = subscriptions.contains(where: \.filterReadsData)
    var view = EventView(trigger, trigger.payload, readsData: readsData && parsed == nil)
    if readsData, let parsed { view.data = parsed.content }
    return view
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
      compiledEvent: compiledEvent, subscriptions: [CompiledSubscription(subscription)],
      groups: [:])
  }
}
