/// One occurrence of an event. It never changes once accepted; its state follows from its
/// invocations.
package struct Trigger: Hashable, Sendable {
  /// Copies share their fields until one of them changes: a trigger is handed on some twenty times on
  /// its way, and has eight fields of which each copy would be counted.
  private var storage = Storage()

  package init() {}

  var fields: Fields {
    _read { yield storage.fields }
    _modify {
      if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.fields) }
      yield &storage.fields
    }
  }

  package func check() -> FieldCheck {
    var check = FieldCheck()
    check.name(event, .event, "event")
    check.size(payload.data.count, atMost: Limits.payloadBytesMax, "data")
    check.dataType(payload.dataType, "data_type")
    check.metadata(metadata, "metadata")
    check.text(source, atMost: Limits.sourceBytesMax, "source")
    check.text(requestID, atMost: Limits.requestIDBytesMax, "request_id")
    check.text(orderingKey, atMost: Limits.orderingKeyBytesMax, "ordering_key")
    if let deliverAt {
      if deliverAt > receivedAt + Limits.deliverAtMax {
        check.add("deliver_at", "is more than \(Limits.deliverAtMax) ahead")
      }
      if !orderingKey.isEmpty {
        check.add("deliver_at", "can't be set with ordering_key: it would hold up all that follow")
      }
    }
    return check
  }

  /// When its invocations are due, and from when their age counts.
  package var dueTime: Timestamp {
    max(replayTime ?? receivedAt, deliverAt ?? receivedAt)
  }

  /// What the client left out comes from the event.
  ///
  /// - Parameter fallback: the payload's type if the event names none either.
  package mutating func complete(
    from event: Event, dataType fallback: String = Payload.defaultDataType
  ) {
    if payload.data.isEmpty {
      payload.data = event.data
      defaults.insert(.data)
    }
    if payload.dataType.isEmpty {
      payload.dataType = event.dataType.isEmpty ? fallback : event.dataType
      defaults.insert(.dataType)
    }
    eventRevision = event.stamp.revision
  }

  /// Whether `other` is the same request once more: the client sent the same, whatever the event's
  /// defaults have become meanwhile, or means the same payload.
  package func isSameRequest(as other: Trigger) -> Bool {
    event == other.event && metadata == other.metadata && source == other.source
      && orderingKey == other.orderingKey && deliverAt == other.deliverAt
      && cloudEventTime == other.cloudEventTime
      && (payload == other.payload || sentPayload == other.sentPayload)
  }

  private var sentPayload: Payload {
    Payload(
      data: defaults.contains(.data) ? [] : payload.data,
      dataType: defaults.contains(.dataType) ? "" : payload.dataType)
  }

  /// Parts of the payload; stores keep the raw value.
  package struct Defaults: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let data = Defaults(rawValue: 1)
    package static let dataType = Defaults(rawValue: 2)
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
  /// By the state's number.
  private var counts = SIMD8<Int32>()

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
    self[likely] = count
  }

  package subscript(state: Invocation.State) -> Int {
    get { Int(counts[Int(state.rawValue)]) }
    set { counts[Int(state.rawValue)] = Int32(newValue) }
  }

  /// The part of it that has not finished.
  package var unfinished: InvocationTally {
    var unfinished = self
    for state in Invocation.State.allCases where state.isTerminal { unfinished[state] = 0 }
    return unfinished
  }

  package mutating func add(_ other: InvocationTally) { counts &+= other.counts }

  package var total: Int { Int(counts.wrappedSum()) }

  package var triggerState: Trigger.State {
    if unfinished.total > 0 { return self[.pending] == total ? .accepted : .running }
    if self[.failed] > 0 { return .failed }
    return self[.cancelled] > 0 ? .cancelled : .succeeded
  }
}
