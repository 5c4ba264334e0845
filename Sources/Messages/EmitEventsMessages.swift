internal import CEventProtos

/// One message of EmitEvents' requests.
package struct EmitEventsRequest: WireMessage {
  /// The client's number for it; its answer has the same.
  package var sequence: UInt64 = 0
  package var emit: EmitEventRequest?

  package init() {}

  package static let coding = MessageCoding<EmitEventsRequest>(
    dispatch__events__v1__emit_events_request__init
  ) {
    $2.number(&$0.sequence, &$1.sequence)
    $2.message(&$0.emit, &$1.emit, "emit")
  }

  /// The sequence of a message that is refused as a whole; 0 if it has none, nil if the bytes are no
  /// message at all.
  package static func sequence(of bytes: UnsafeRawBufferPointer) -> UInt64? {
    var reader = WireReader(bytes)
    var sequence: UInt64 = 0
    do {
      while let field = try reader.next() {
        if field.number == 1, case .varint(let value) = field.value { sequence = value }
      }
    } catch {
      return nil
    }
    return sequence
  }
}

/// The answer to one of them.
package struct EmitEventsResponse: WireMessage {
  package var sequence: UInt64 = 0
  package var result: EmitResult?

  package init() {}

  package init(_ sequence: UInt64, _ result: EmitResult) {
    self.sequence = sequence
    self.result = result
  }

  package static let coding = MessageCoding<EmitEventsResponse>(
    dispatch__events__v1__emit_events_response__init
  ) {
    $2.number(&$0.sequence, &$1.sequence)
    if $2.selects(
      &$1.result_case, DISPATCH__EVENTS__V1__EMIT_EVENTS_RESPONSE__RESULT_ACCEPTED,
      $0.accepted != nil)
    {
      $2.message(&$0.accepted, &$1.accepted, "accepted")
    }
    if $2.selects(
      &$1.result_case, DISPATCH__EVENTS__V1__EMIT_EVENTS_RESPONSE__RESULT_ERROR, $0.error != nil)
    {
      $2.message(&$0.error, &$1.error, "error")
    }
  }
}

/// What became of an event that was emitted among others.
package enum EmitResult: Sendable {
  case accepted(EmitEventResponse)
  /// Why it was refused; the others are not affected.
  case error(ErrorStatus)

  var accepted: EmitEventResponse? { if case .accepted(let value) = self { value } else { nil } }
  var error: ErrorStatus? { if case .error(let value) = self { value } else { nil } }
}

/// The oneof's alternatives one by one, as the mapper moves them.
extension EmitEventsResponse {
  fileprivate var accepted: EmitEventResponse? {
    get { result?.accepted }
    set { if let newValue { result = .accepted(newValue) } }
  }

  fileprivate var error: ErrorStatus? {
    get { result?.error }
    set { if let newValue { result = .error(newValue) } }
  }
}
