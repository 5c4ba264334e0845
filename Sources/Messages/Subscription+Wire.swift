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
    $2.unserved($1.filter != nil, "filter")
    $2.unserved($1.transform != nil, "transform")
    $2.message(&$0.delivery, &$1.delivery, "delivery")
    $2.unserved($1.batch != nil, "batch")
    $2.unserved($1.group.pointee != 0, "group")
    $2.unserved($1.order != 0, "order")
    $2.unserved($1.weight != 0, "weight")
    $2.unserved($1.priority != 0, "priority")
    // Pausing comes with a later version: until then a subscription that is there is active.
    if !$2.isDecoding { $1.state = DISPATCH__EVENTS__V1__SUBSCRIPTION__STATE__STATE_ACTIVE }
    $2.bool(&$0.isManaged, &$1.managed)
    $2.stamp(
      &$0.stamp, uid: &$1.uid, revision: &$1.revision, etag: &$1.etag, created: &$1.create_time,
      updated: &$1.update_time)
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
    $2.unserved($1.retry_after_max != nil, "retry_after_max")
    $2.unserved($1.dead_letter_event.pointee != 0, "dead_letter_event")
  }
}
