package import EventCore
internal import Expressions
internal import HashTreeCollections

/// An event and all that subscribes in its organization, of one and the same moment: who wants a
/// trigger is asked of this, without holding up anyone who writes definitions meanwhile.
package struct Candidates: Sendable {
  package let compiledEvent: CompiledEvent
  private let index: SubscriptionIndex
  private let groups: TreeDictionary<String, SubscriptionGroup>

  init(
    _ event: CompiledEvent, _ index: SubscriptionIndex,
    _ groups: TreeDictionary<String, SubscriptionGroup> = [:]
  ) {
    compiledEvent = event
    self.index = index
    self.groups = groups
  }

  package var event: Event { compiledEvent.event }

  /// All that subscribe to the event's name, whatever their filters say, in the order of their ids.
  /// Costs by how many there are.
  package var subscriptions: [CompiledSubscription] { index.subscribers(to: event.event) }

  /// Checks a trigger's payload as the event's schema asks for, and notes in the trigger what came
  /// of it.
  ///
  /// - Parameter trigger: complete, with its defaults.
  /// - Returns: the payload for `match`, if it had to be parsed.
  /// - Throws: SCHEMA_VIOLATION or UNSUPPORTED_CONTENT_TYPE if the schema is enforced.
  package func checkSchema(of trigger: inout Trigger) throws(GatewayError) -> ParsedPayload? {
    try compiledEvent.checkSchema(of: &trigger)
  }

  /// Those that subscribe to the event's name and whose filter matches, and their groups. Costs by
  /// what matches, not by what exists.
  ///
  /// - Parameters:
  ///   - trigger: complete, with its defaults.
  ///   - parsed: its payload, if it was parsed before.
  package func match(_ trigger: Trigger, _ parsed: ParsedPayload? = nil) -> EventMatch {
    let view = TriggerView(trigger, parsed)
    var candidates = found(in: view)
    candidates.removeAll { !$0.matches(view) }
    return match(candidates)
  }

  /// Those whose filters have yet to be asked.
  func found(in view: TriggerView) -> [CompiledSubscription] {
    index.candidates(for: event.event, view)
  }

  /// - Parameter matching: in any order.
  func match(_ matching: consuming [CompiledSubscription]) -> EventMatch {
    matching.sort { $0.subscription.subscriptionID < $1.subscription.subscriptionID }
    let subscriptions = matching.map(\.subscription)
    let ids = Set(subscriptions.lazy.map(\.groupID).filter { !$0.isEmpty })
    return EventMatch(event, subscriptions, ids.sorted().compactMap { groups[$0] })
  }

  /// As if all that is there for the trigger were this one. Alone it is of no group: the others' part
  /// of it would be missing.
  ///
  /// - Returns: nil if it does not subscribe to the event's name.
  package func only(_ subscriptionID: String) -> Candidates? {
    let found = subscriptions.first { $0.subscription.subscriptionID == subscriptionID }
    guard let found else { return nil }
    var subscription = found.subscription
    subscription.groupID = ""
    var index = SubscriptionIndex()
    index.insert(CompiledSubscription(subscription, replacing: found))
    return Candidates(compiledEvent, index)
  }
}
