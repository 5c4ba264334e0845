/// One occurrence of an event. It never changes once accepted; its state follows from its
/// invocations.
package struct Trigger: Hashable, Sendable {
  package var triggerID = UniqueID(high: 0, low: 0)
  package var organization = Organization.default
  package var event = ""
  package var payload = Payload()
  package var metadata: [String: String] = [:]
  /// The CloudEvents source; empty stands for `/organizations/ORG/events/EVENT`.
  package var source = ""
  /// The client's idempotency key; empty for none.
  package var requestID = ""
  package var receivedAt = Timestamp(nanoseconds: 0)
  /// The event's revision that it was accepted under.
  package var eventRevision: UInt64 = 0

  package init() {}

  package func check() -> FieldCheck {
    var check = FieldCheck()
    check.name(event, .event, "event")
    check.size(payload.data.count, atMost: Limits.payloadBytesMax, "data")
    check.dataType(payload.dataType, "data_type")
    check.metadata(metadata, "metadata")
    check.text(source, atMost: Limits.sourceBytesMax, "source")
    check.text(requestID, atMost: Limits.requestIDBytesMax, "request_id")
    return check
  }

  /// Whether `other` is the same request once more: what the client sent, not what we added.
  package func isSameRequest(as other: Trigger) -> Bool {
    event == other.event && payload == other.payload && metadata == other.metadata
      && source == other.source
  }

  /// ```
  /// ACCEPTED ──▶ RUNNING ──▶ SUCCEEDED | FAILED | CANCELLED
  ///     └──(no subscription matched)──▶ SUCCEEDED
  /// ```
  package enum State: Int32, Sendable {
    case accepted = 1
    case running, succeeded, failed, cancelled
  }
}

/// How many of a trigger's invocations are in which state; the trigger's own state follows.
package struct InvocationTally: Hashable, Sendable {
  private var counts: [Invocation.State: Int] = [:]

  package init() {}

  /// A tally that has this state and total, for those who know no more.
  package init(_ state: Trigger.State, count: Int) {
    let likely: Invocation.State =
      switch state {
      case .accepted: .pending
      case .running: .running
      case .succeeded: .succeeded
      case .failed: .failed
      case .cancelled: .cancelled
      }
    counts[likely] = count
  }

  package subscript(state: Invocation.State) -> Int {
    get { counts[state, default: 0] }
    // Without zeros, so that equal tallies are equal however they came about.
    set { counts[state] = newValue == 0 ? nil : newValue }
  }

  package var total: Int { counts.values.reduce(0, +) }

  package var triggerState: Trigger.State {
    let unfinished = self[.pending] + self[.running] + self[.retrying]
    if unfinished > 0 { return self[.pending] == total ? .accepted : .running }
    if self[.failed] > 0 { return .failed }
    return self[.cancelled] > 0 ? .cancelled : .succeeded
  }
}
