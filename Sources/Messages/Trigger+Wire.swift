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
    $2.string(&$0.trigger.orderingKey, &$1.ordering_key)
    $2.string(&$0.trigger.requestID, &$1.request_id)
    $2.time(&$0.trigger.receivedAt, &$1.received_at, "received_at")
    // One that had passed already changed nothing, and is not told.
    let isLater = $0.trigger.deliverAt.map { [time = $0.trigger.receivedAt] in $0 > time } ?? false
    if $2.isDecoding || isLater { $2.time(&$0.trigger.deliverAt, &$1.deliver_at, "deliver_at") }
    $2.time(&$0.trigger.replayTime, &$1.replay_time, "replay_time")
    $2.number(&$0.trigger.eventRevision, &$1.event_revision)
    $2.number(&$0.trigger.deadLetterHops, &$1.dead_letter_hops)
    $2.number(&$0.trigger.schemaRevision, &$1.schema_revision)
    $2.number(&$0.trigger.schemaViolationCount, &$1.schema_violation_count)
    $2.string(&$0.trigger.cloudEventID, &$1.cloudevents_id)
    $2.time(&$0.trigger.cloudEventTime, &$1.cloudevents_time, "cloudevents_time")
    var (state, count) = ($0.state, Int32($0.total.total))
    $2.enumeration(&state, &$1.state, "state")
    $2.number(&count, &$1.invocation_count)
    $2.list(&$0.groups, &$1.n_groups, &$1.groups, "groups")
    if $2.isDecoding { $0.tally = $0.likelyTally(state, count: Int(count)) }
  }

  /// A client has no tally: of what no group counts, it knows the trigger's state and how many there
  /// are in all.
  private func likelyTally(_ state: Trigger.State, count: Int) -> InvocationTally {
    let grouped = groups.reduce(0) { $0 + $1.tally.total }
    return InvocationTally(state, count: max(0, count - grouped))
  }
}

extension GroupReport: WireMessage {
  package static let coding = MessageCoding<GroupReport>(
    dispatch__events__v1__group_outcome__init
  ) {
    $2.string(&$0.groupID, &$1.group)
    $2.count(&$0.tally[.succeeded], &$1.succeeded)
    $2.count(&$0.tally[.failed], &$1.failed)
    $2.count(&$0.tally[.cancelled], &$1.cancelled)
    $2.count(&$0.tally[.skipped], &$1.skipped)
    var state = $0.state
    $2.enumeration(&state, &$1.state, "state")
    guard $2.isDecoding else { return }
    switch state {
    // How many have not finished is not told; at least one.
    case .accepted: $0.tally[.pending] = 1
    case .running: $0.tally[.running] = 1
    case .succeeded, .failed, .cancelled: $0.outcome = state
    }
  }
}

extension Invocation: WireMessage {
  package static let coding = MessageCoding<Invocation>(dispatch__events__v1__invocation__init) {
    $2.identifier(&$0.id, &$1.invocation_id, "invocation_id")
    var triggerID = $0.id.triggerID
    $2.identifier(&triggerID, &$1.trigger_id, "trigger_id")
    $2.string(&$0.subscriptionID, &$1.subscription_id)
    $2.string(&$0.functionID, &$1.function_id)
    $2.string(&$0.groupID, &$1.group)
    $2.enumeration(&$0.state, &$1.state, "state")
    $2.list(&$0.attempts, &$1.n_attempts, &$1.attempts, "attempts")
    $2.message(&$0.output, &$1.output, "output")
    $2.list(&$0.logs, &$1.n_logs, &$1.logs, "logs")
    $2.message(&$0.error, &$1.error, "error")
    $2.time(&$0.nextAttemptTime, &$1.next_attempt_time, "next_attempt_time")
    $2.holds(&$0.holds, &$1)
    var redriveTime = $0.redrive?.time
    $2.time(&redriveTime, &$1.redrive_time, "redrive_time")
    if $2.isDecoding { $0.redrive = redriveTime.map { Redrive(at: $0, after: 0) } }
  }
}

extension FieldMapper {
  fileprivate mutating func holds(
    _ value: inout Invocation.Holds, _ message: inout Dispatch__Events__V1__Invocation
  ) {
    guard isDecoding || !value.isEmpty else { return }
    var holds = isDecoding ? [] : WireHold.allCases.filter { [value] in value.contains($0.holds) }
    enumerations(&holds, &message.n_holds, &message.holds, "holds")
    value = Invocation.Holds(holds.map(\.holds))
  }
}

/// Invocation.Hold, the widest first.
private enum WireHold: Int32, CaseIterable {
  case pause = 3
  case group = 2
  case order = 1

  var holds: Invocation.Holds {
    switch self {
    case .pause: .pause
    case .group: .group
    case .order: .order
    }
  }
}

extension Attempt: WireMessage {
  package static let coding = MessageCoding<Attempt>(dispatch__events__v1__attempt__init) {
    $2.number(&$0.number, &$1.number)
    $2.time(&$0.startTime, &$1.start_time, "start_time")
    $2.time(&$0.endTime, &$1.end_time, "end_time")
    $2.message(&$0.error, &$1.error, "error")
    $2.string(&$0.worker, &$1.worker)
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

  fileprivate func count(_ value: inout Int, _ field: inout Int32) {
    if isDecoding { value = Int(field) } else { field = Int32(value) }
  }
}
