internal import EventCore
internal import Expressions
internal import Matching
internal import Messages

/// What becomes of one trigger by the definitions as they are now.
struct Explanation: Sendable {
  private let trigger: Trigger
  private let candidates: Candidates
  private let view: EventView
  /// Nil if the event has no schema, or nobody asks.
  private let schema: SchemaExplanation?
  /// Those that subscribe to the event's name, by their ids.
  private let compiled: [String: CompiledSubscription]

  /// - Parameters:
  ///   - trigger: complete, with its defaults.
  ///   - checksSchema: whether there will be a summary.
  init(of trigger: Trigger, _ candidates: Candidates, checksSchema: Bool) {
    self.trigger = trigger
    self.candidates = candidates
    let (view, verdict) = candidates.examine(trigger, checksSchema: checksSchema)
    self.view = view
    schema = verdict.flatMap { verdict in
      candidates.event.schema.map { SchemaExplanation($0, verdict, trigger.payload) }
    }
    compiled = Dictionary(
      candidates.subscriptions.map { ($0.subscription.subscriptionID, $0) },
      uniquingKeysWith: { $1 })
  }

  /// All that is not about single subscriptions.
  func summary() -> ExplainTriggerResponse {
    var response = ExplainTriggerResponse()
    response.cloudEvent = view.text(bytesMax: GatewayLimits.explainedEventBytesMax)
    response.schema = schema
    let match = candidates.matchUncounted(trigger, view)
    response.matchCount = Int32(match.subscriptions.count)
    // More than that are refused: no strategy comes to act.
    if match.subscriptions.count <= Limits.invocationsPerTriggerMax {
      let plan = TriggerPlan(trigger, match)
      response.groups = plan.groups.map { GroupExplanation($0, plan.invocations) }
    }
    return response
  }

  /// - Parameter listed: the subscription as it is now, to whatever event.
  func explain(_ listed: CompiledSubscription) -> SubscriptionExplanation {
    guard let compiled = compiled[listed.subscription.subscriptionID] else {
      var explanation = SubscriptionExplanation(listed.subscription)
      explanation.outcome = .otherEvent
      return explanation
    }
    var explanation = SubscriptionExplanation(compiled.subscription)
    if let filter = compiled.explain(view) { explanation.take(filter) }
    if explanation.outcome == .match {
      explanation.data =
        compiled.transformPreview(view, bytesMax: GatewayLimits.explainedDataBytesMax) ?? []
    }
    return explanation
  }
}

extension SubscriptionExplanation {
  /// A match, until something else turns out.
  fileprivate init(_ subscription: Subscription) {
    self.init()
    subscriptionID = subscription.subscriptionID
    functionID = subscription.functionID
    event = subscription.event
    groupID = subscription.groupID
    isPaused = subscription.isPaused
  }

  fileprivate mutating func take(_ filter: FilterExplanation) {
    switch filter.result {
    case .match: return
    case .noMatch: outcome = .filtered
    case .error(let reason): (outcome, error) = (.filterError, reason)
    }
    (clause, path, seen) = (filter.clause, filter.path, filter.seen)
  }

  /// How much it adds to an answer, about.
  var bytes: Int {
    subscriptionID.utf8.count + functionID.utf8.count + event.utf8.count + groupID.utf8.count
      + clause.utf8.count + path.utf8.count + seen.utf8.count + error.utf8.count + data.count
  }
}

extension GroupExplanation {
  fileprivate init(_ plan: GroupPlan, _ invocations: [Invocation]) {
    self.init()
    groupID = plan.groupID
    strategy = plan.strategy
    for member in plan.members.lazy.map({ invocations[$0] }) {
      switch (member.state, member.holds.contains(.group)) {
      case (.skipped, _): skipped.append(member.subscriptionID)
      case (_, true): later.append(member.subscriptionID)
      case (_, false): first.append(member.subscriptionID)
      }
    }
  }
}
