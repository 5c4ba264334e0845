internal import CEventProtos
package import EventCore

extension StoredTrigger: WireMessage {
  package init() {
    self.init(Trigger(), InvocationTally())
  }

  package static let coding = MessageCoding<StoredTrigger>(dispatch__events__v1__trigger__init) {
    $2.identifier(&$0.trigger.triggerID, &$1.trigger_id, "trigger_id")
    $2.string(&$0.trigger.event, &$1.event)
    $2.bytes(&$0.trigger.payload.data, &$1.data)
    $2.string(&$0.trigger.payload.dataType, &$1.data_type)
    $2.pairs(
      &$0.trigger.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__trigger__metadata_entry__init)
    $2.string(&$0.trigger.source, &$1.source)
    $2.string(&$0.trigger.requestID, &$1.request_id)
    $2.time(&$0.trigger.receivedAt, &$1.received_at, "received_at")
    $2.number(&$0.trigger.eventRevision, &$1.event_revision)
    var (state, count) = ($0.tally.triggerState, Int32($0.tally.total))
    $2.enumeration(&state, &$1.state, "state")
    $2.number(&count, &$1.invocation_count)
    // A client has no tally; the state and the count stand for it.
    if $2.isDecoding { $0.tally = InvocationTally(state, count: Int(count)) }
  }
}

extension Invocation: WireMessage {
  package static let coding = MessageCoding<Invocation>(dispatch__events__v1__invocation__init) {
    $2.identifier(&$0.id, &$1.invocation_id, "invocation_id")
    var triggerID = $0.id.triggerID
    $2.identifier(&triggerID, &$1.trigger_id, "trigger_id")
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.enumeration(&$0.state, &$1.state, "state")
    $2.list(&$0.attempts, &$1.n_attempts, &$1.attempts, "attempts")
    $2.message(&$0.output, &$1.output, "output")
    $2.list(&$0.logs, &$1.n_logs, &$1.logs, "logs")
    $2.message(&$0.error, &$1.error, "error")
    $2.time(&$0.nextAttemptTime, &$1.next_attempt_time, "next_attempt_time")
  }
}

extension Attempt: WireMessage {
  package static let coding = MessageCoding<Attempt>(dispatch__events__v1__attempt__init) {
    $2.number(&$0.number, &$1.number)
    $2.time(&$0.startTime, &$1.start_time, "start_time")
    $2.time(&$0.endTime, &$1.end_time, "end_time")
    $2.message(&$0.error, &$1.error, "error")
  }
}

extension Output: WireMessage {
  package init() {
    self.init(payload: Payload())
  }

  package static let coding = MessageCoding<Output>(dispatch__events__v1__output__init) {
    $2.bytes(&$0.payload.data, &$1.data)
    $2.string(&$0.payload.dataType, &$1.data_type)
    $2.bool(&$0.isTruncated, &$1.truncated)
  }
}

extension LogLine: WireMessage {
  package init() {
    self.init(time: Timestamp(nanoseconds: 0), attempt: 0, text: "")
  }

  package static let coding = MessageCoding<LogLine>(dispatch__events__v1__log_line__init) {
    $2.time(&$0.time, &$1.time, "time")
    $2.number(&$0.attempt, &$1.attempt)
    $2.string(&$0.text, &$1.text)
  }
}

extension InvocationError: WireMessage {
  package init() {
    self.init(.system, code: "", message: "")
  }

  package static let coding = MessageCoding<InvocationError>(
    dispatch__events__v1__invocation_error__init
  ) {
    $2.enumeration(&$0.errorClass, &$1.error_class, "error_class")
    $2.string(&$0.code, &$1.code)
    $2.string(&$0.message, &$1.message)
    $2.bool(&$0.isFinal, &$1.final)
    $2.duration(&$0.retryAfter, &$1.retry_after, "retry_after")
  }
}

extension FieldMapper {
  /// An id that has a text form; absent on the wire leaves the value.
  fileprivate mutating func identifier<ID: LosslessStringConvertible>(
    _ value: inout ID, _ field: inout UnsafeMutablePointer<CChar>!, _ name: StaticString
  ) {
    var text = isDecoding ? "" : value.description
    string(&text, &field)
    guard isDecoding, !text.isEmpty else { return }
    guard let id = ID(text) else { return refuse(name, "is not a valid id") }
    value = id
  }
}
