internal import CEventProtos
package import EventCore

extension Subscription: WireMessage {
  package static let coding = MessageCoding<Subscription>(dispatch__events__v1__subscription__init)
  {
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.functionID, &$1.function_id)
    $2.pairs(
      &$0.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__subscription__metadata_entry__init)
    $2.message(&$0.filter, &$1.filter, "filter")
    $2.message(&$0.transform, &$1.transform, "transform")
    $2.message(&$0.delivery, &$1.delivery, "delivery")
    $2.unserved($1.batch != nil, "batch")
    $2.string(&$0.groupID, &$1.group)
    $2.number(&$0.order, &$1.order)
    $2.nonZero(&$0.weight, &$1.weight)
    $2.number(&$0.priority, &$1.priority)
    var state = SubscriptionState(isPaused: $0.isPaused)
    $2.enumeration(&state, &$1.state, "state")
    $0.isPaused = state == .paused
    $2.string(&$0.stateReason, &$1.state_reason)
    $2.bool(&$0.isManaged, &$1.managed)
    $2.stamp(
      &$0.stamp, uid: &$1.uid, revision: &$1.revision, etag: &$1.etag, created: &$1.create_time,
      updated: &$1.update_time)
    $2.number(&$0.filterErrorCount, &$1.filter_error_count)
    $2.string(&$0.filterError, &$1.filter_error)
  }
}

extension SubscriptionFilter: WireMessage {
  package init() { self.init(.sql, "") }

  package static let coding = MessageCoding<SubscriptionFilter>(
    dispatch__events__v1__filter__init
  ) {
    let isWritten = !$2.isDecoding && !$0.text.isEmpty
    if $2.selects(
      &$1.filter_case, DISPATCH__EVENTS__V1__FILTER__FILTER_SQL, isWritten && $0.language == .sql)
    {
      $0.language = .sql
      $2.string(&$0.text, &$1.sql)
    }
    if $2.selects(
      &$1.filter_case, DISPATCH__EVENTS__V1__FILTER__FILTER_JSON, isWritten && $0.language == .json)
    {
      $0.language = .json
      $2.string(&$0.text, &$1.json)
    }
    if $2.selects(
      &$1.filter_case, DISPATCH__EVENTS__V1__FILTER__FILTER_PATTERN,
      isWritten && $0.language == .pattern)
    {
      $0.language = .pattern
      $2.string(&$0.text, &$1.pattern)
    }
  }
}

extension PayloadTransform: WireMessage {
  package static let coding = MessageCoding<PayloadTransform>(
    dispatch__events__v1__transform__init
  ) {
    $2.string(&$0.template, &$1.template_)
    $2.string(&$0.dataType, &$1.data_type)
  }
}

/// dispatch.events.v1.Subscription.State; output only, so services take no client's word for it.
enum SubscriptionState: Int32 {
  case active = 1
  case paused

  init(isPaused: Bool) {
    self = isPaused ? .paused : .active
  }
}

extension DeliveryPolicy: WireMessage {
  package static let coding = MessageCoding<DeliveryPolicy>(
    dispatch__events__v1__delivery_policy__init
  ) {
    $2.duration(&$0.attemptTimeout, &$1.attempt_timeout, "attempt_timeout")
    $2.nonZero(&$0.maxAttempts, &$1.max_attempts)
    $2.duration(&$0.maxAge, &$1.max_age, "max_age")
    $2.duration(&$0.initialBackoff, &$1.initial_backoff, "initial_backoff")
    $2.nonZero(&$0.backoffMultiplier, &$1.backoff_multiplier)
    $2.duration(&$0.maxBackoff, &$1.max_backoff, "max_backoff")
    let hasJitter = DISPATCH__EVENTS__V1__DELIVERY_POLICY__JITTER_SETTING_JITTER
    if !$2.isDecoding { $1.jitter_setting_case = hasJitter }
    if $1.jitter_setting_case == hasJitter { $2.number(&$0.jitter, &$1.jitter) }
    $2.duration(&$0.retryAfterMax, &$1.retry_after_max, "retry_after_max")
    $2.string(&$0.deadLetterEvent, &$1.dead_letter_event)
    $2.strings(&$0.finalCodes, &$1.n_final_codes, &$1.final_codes)
    $2.enumerations(
      &$0.finalClasses, &$1.n_final_classes, &$1.final_classes, "final_classes")
  }
}
