internal import CEventProtos
package import EventCore

/// One message of the streams of TriggerEvent and WatchTrigger.
package struct TriggerEventResponse: WireMessage {
  /// Where WatchTrigger goes on after it; empty in what is not stored.
  package var resumeToken = ""
  package var update: Update?

  package enum Update: Sendable {
    case accepted(Accepted)
    case invocation(Invocation)
    case output(OutputChunk)
    case log(LogChunk)
    case summary(Summary)
    case keepAlive
  }

  package init() {}

  package init(_ update: Update, resumeToken: String = "") {
    self.update = update
    self.resumeToken = resumeToken
  }

  package static let coding = MessageCoding<TriggerEventResponse>(
    dispatch__events__v1__trigger_event_response__init
  ) {
    $2.string(&$0.resumeToken, &$1.resume_token)
    if !$2.isDecoding { $1.update_case = $0.updateCase }
    switch $1.update_case {
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_ACCEPTED:
      $2.message(&$0.accepted, &$1.accepted, "accepted")
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_INVOCATION:
      $2.message(&$0.invocation, &$1.invocation, "invocation")
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_OUTPUT:
      $2.message(&$0.output, &$1.output, "output")
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_LOG:
      $2.message(&$0.log, &$1.log, "log")
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_SUMMARY:
      $2.message(&$0.summary, &$1.summary, "summary")
    case DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_KEEP_ALIVE:
      $2.message(&$0.keepAlive, &$1.keep_alive, "keep_alive")
    default: break
    }
  }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension TriggerEventResponse {
  fileprivate var updateCase: Dispatch__Events__V1__TriggerEventResponse__UpdateCase {
    switch update {
    case .accepted: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_ACCEPTED
    case .invocation: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_INVOCATION
    case .output: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_OUTPUT
    case .log: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_LOG
    case .summary: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_SUMMARY
    case .keepAlive: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE_KEEP_ALIVE
    case nil: DISPATCH__EVENTS__V1__TRIGGER_EVENT_RESPONSE__UPDATE__NOT_SET
    }
  }

  fileprivate var accepted: Accepted? {
    get { if case .accepted(let value) = update { value } else { nil } }
    set { if let newValue { update = .accepted(newValue) } }
  }

  fileprivate var invocation: Invocation? {
    get { if case .invocation(let value) = update { value } else { nil } }
    set { if let newValue { update = .invocation(newValue) } }
  }

  fileprivate var output: OutputChunk? {
    get { if case .output(let value) = update { value } else { nil } }
    set { if let newValue { update = .output(newValue) } }
  }

  fileprivate var log: LogChunk? {
    get { if case .log(let value) = update { value } else { nil } }
    set { if let newValue { update = .log(newValue) } }
  }

  fileprivate var summary: Summary? {
    get { if case .summary(let value) = update { value } else { nil } }
    set { if let newValue { update = .summary(newValue) } }
  }

  fileprivate var keepAlive: KeepAlive? {
    get { if case .keepAlive = update { KeepAlive() } else { nil } }
    set { if newValue != nil { update = .keepAlive } }
  }
}

package struct Accepted: WireMessage {
  package var trigger = StoredTrigger()
  package var isDuplicate = false

  package init() {}

  package static let coding = MessageCoding<Accepted>(dispatch__events__v1__accepted__init) {
    $2.message(&$0.trigger, &$1.trigger, "trigger")
    $2.bool(&$0.isDuplicate, &$1.duplicate)
  }
}

package struct OutputChunk: WireMessage {
  package var invocationID = ""
  package var attempt: Int32 = 0
  package var offset: UInt64 = 0
  package var data: [UInt8] = []

  package init() {}

  package static let coding = MessageCoding<OutputChunk>(dispatch__events__v1__output_chunk__init) {
    $2.string(&$0.invocationID, &$1.invocation_id)
    $2.number(&$0.attempt, &$1.attempt)
    $2.number(&$0.offset, &$1.offset)
    $2.bytes(&$0.data, &$1.data)
  }
}

package struct LogChunk: WireMessage {
  package var invocationID = ""
  package var line = LogLine()

  package init() {}

  package static let coding = MessageCoding<LogChunk>(dispatch__events__v1__log_chunk__init) {
    $2.string(&$0.invocationID, &$1.invocation_id)
    $2.message(&$0.line, &$1.line, "line")
  }
}

package struct Summary: WireMessage, Hashable {
  package var triggerID = ""
  package var state = Trigger.State.accepted
  package var succeeded: Int32 = 0
  package var failed: Int32 = 0
  package var cancelled: Int32 = 0
  package var skipped: Int32 = 0
  package var groups: [GroupReport] = []

  package init() {}

  package static let coding = MessageCoding<Summary>(dispatch__events__v1__summary__init) {
    $2.string(&$0.triggerID, &$1.trigger_id)
    $2.enumeration(&$0.state, &$1.state, "state")
    $2.number(&$0.succeeded, &$1.succeeded)
    $2.number(&$0.failed, &$1.failed)
    $2.number(&$0.cancelled, &$1.cancelled)
    $2.number(&$0.skipped, &$1.skipped)
    $2.list(&$0.groups, &$1.n_groups, &$1.groups, "groups")
  }
}

/// In every stream that may be quiet.
struct KeepAlive: WireMessage {
  static let coding = MessageCoding<KeepAlive>(dispatch__events__v1__keep_alive__init) { _, _, _ in
  }
}
