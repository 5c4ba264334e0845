internal import CEventProtos
package import EventCore

package struct ExplainTriggerRequest: WireMessage {
  package var subject: Subject?
  package var subscriptionID = ""
  package var page = PageRequest()

  package enum Subject: Sendable {
    case triggerID(String)
    /// One that is made up.
    case content(TriggerContent)
  }

  package init() {}

  package static let coding = MessageCoding<ExplainTriggerRequest>(
    dispatch__events__v1__explain_trigger_request__init
  ) {
    if $2.selects(
      &$1.subject_case, DISPATCH__EVENTS__V1__EXPLAIN_TRIGGER_REQUEST__SUBJECT_TRIGGER_ID,
      $0.triggerID != nil)
    {
      $2.string(&$0.triggerID, &$1.trigger_id)
    }
    if $2.selects(
      &$1.subject_case, DISPATCH__EVENTS__V1__EXPLAIN_TRIGGER_REQUEST__SUBJECT_TRIGGER,
      $0.emit != nil)
    {
      $2.message(&$0.emit, &$1.trigger, "trigger")
    }
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension ExplainTriggerRequest {
  fileprivate var triggerID: String? {
    get { if case .triggerID(let id) = subject { id } else { nil } }
    set { if let newValue { subject = .triggerID(newValue) } }
  }

  fileprivate var emit: EmitEventRequest? {
    get {
      guard case .content(let content) = subject else { return nil }
      var request = EmitEventRequest()
      request.content = content
      return request
    }
    set { if let newValue { subject = .content(newValue.content) } }
  }
}

package struct ExplainTriggerResponse: WireMessage {
  /// JSON text.
  package var cloudEvent = ""
  package var schema: SchemaExplanation?
  package var subscriptions: [SubscriptionExplanation] = []
  package var matchCount: Int32 = 0
  package var groups: [GroupExplanation] = []
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ExplainTriggerResponse>(
    dispatch__events__v1__explain_trigger_response__init
  ) {
    $2.string(&$0.cloudEvent, &$1.cloudevent)
    $2.message(&$0.schema, &$1.schema, "schema")
    $2.list(&$0.subscriptions, &$1.n_subscriptions, &$1.subscriptions, "subscriptions")
    $2.number(&$0.matchCount, &$1.match_count)
    $2.list(&$0.groups, &$1.n_groups, &$1.groups, "groups")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

package struct SchemaExplanation: WireMessage {
  package var revision: UInt64 = 0
  package var enforcement = PayloadSchema.Enforcement.enforce
  package var violations: [PayloadViolation] = []
  /// The trigger would be refused.
  package var isRefused = false

  package init() {}

  package static let coding = MessageCoding<SchemaExplanation>(
    dispatch__events__v1__schema_explanation__init
  ) {
    $2.number(&$0.revision, &$1.revision)
    $2.enumeration(&$0.enforcement, &$1.enforcement, "enforcement")
    $2.list(&$0.violations, &$1.n_violations, &$1.violations, "violations")
    $2.bool(&$0.isRefused, &$1.refused)
  }
}

package struct SubscriptionExplanation: WireMessage {
  package var subscriptionID = ""
  package var functionID = ""
  package var event = ""
  package var groupID = ""
  package var isPaused = false
  package var outcome = Outcome.match
  package var clause = ""
  package var path = ""
  package var seen = ""
  package var error = ""
  package var data: [UInt8] = []

  package enum Outcome: Int32, Sendable {
    case match = 1
    case otherEvent
    case filtered
    case filterError
  }

  package init() {}

  package static let coding = MessageCoding<SubscriptionExplanation>(
    dispatch__events__v1__subscription_explanation__init
  ) {
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.groupID, &$1.group)
    var state = SubscriptionState(isPaused: $0.isPaused)
    $2.enumeration(&state, &$1.state, "state")
    $0.isPaused = state == .paused
    $2.enumeration(&$0.outcome, &$1.outcome, "outcome")
    $2.string(&$0.clause, &$1.clause)
    $2.string(&$0.path, &$1.path)
    $2.string(&$0.seen, &$1.seen)
    $2.string(&$0.error, &$1.error)
    $2.bytes(&$0.data, &$1.data)
  }
}

package struct GroupExplanation: WireMessage {
  package var groupID = ""
  package var strategy = SubscriptionGroup.Strategy.parallel
  /// Subscriptions that would start at once.
  package var first: [String] = []
  /// Those that would wait for their turn.
  package var later: [String] = []
  package var skipped: [String] = []

  package init() {}

  package static let coding = MessageCoding<GroupExplanation>(
    dispatch__events__v1__group_explanation__init
  ) {
    $2.string(&$0.groupID, &$1.group)
    $2.enumeration(&$0.strategy, &$1.strategy, "strategy")
    $2.strings(&$0.first, &$1.n_first, &$1.first)
    $2.strings(&$0.later, &$1.n_later, &$1.later)
    $2.strings(&$0.skipped, &$1.n_skipped, &$1.skipped)
  }
}
