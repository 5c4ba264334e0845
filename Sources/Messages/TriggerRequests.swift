internal import CEventProtos
package import EventCore

/// What a client says of a trigger; TriggerEvent and EmitEvent have these fields in common.
package struct TriggerContent: Hashable, Sendable {
  package var event = ""
  package var payload = Payload()
  package var metadata: [String: String] = [:]
  package var source = ""
  package var requestID = ""
  package var orderingKey = ""
  package var deliverAt: Timestamp?
  /// Of EmitCloudEvents only: see `Trigger`.
  package var cloudEventID = ""
  package var cloudEventTime: Timestamp?
  /// The payload's type if neither it nor the event names one; not on the wire.
  package var defaultDataType = Payload.defaultDataType

  package init() {}
}

package struct TriggerEventRequest: WireMessage {
  package var content = TriggerContent()
  package var cancelOnDisconnect = false

  package init() {}

  package static let coding = MessageCoding<TriggerEventRequest>(
    dispatch__events__v1__trigger_event_request__init
  ) {
    $2.string(&$0.content.event, &$1.event)
    $2.bytes(&$0.content.payload.data, &$1.data)
    $2.string(&$0.content.payload.dataType, &$1.data_type)
    $2.pairs(
      &$0.content.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__trigger_event_request__metadata_entry__init)
    $2.string(&$0.content.source, &$1.source)
    $2.string(&$0.content.requestID, &$1.request_id)
    $2.string(&$0.content.orderingKey, &$1.ordering_key)
    $2.time(&$0.content.deliverAt, &$1.deliver_at, "deliver_at")
    $2.bool(&$0.cancelOnDisconnect, &$1.cancel_on_disconnect)
  }
}

package struct EmitEventRequest: WireMessage {
  package var content = TriggerContent()

  package init() {}

  package static let coding = MessageCoding<EmitEventRequest>(
    dispatch__events__v1__emit_event_request__init
  ) {
    $2.string(&$0.content.event, &$1.event)
    $2.bytes(&$0.content.payload.data, &$1.data)
    $2.string(&$0.content.payload.dataType, &$1.data_type)
    $2.pairs(
      &$0.content.metadata, &$1.n_metadata, &$1.metadata,
      dispatch__events__v1__emit_event_request__metadata_entry__init)
    $2.string(&$0.content.source, &$1.source)
    $2.string(&$0.content.requestID, &$1.request_id)
    $2.string(&$0.content.orderingKey, &$1.ordering_key)
    $2.time(&$0.content.deliverAt, &$1.deliver_at, "deliver_at")
  }
}

package struct EmitEventResponse: WireMessage, Hashable {
  package var triggerID = ""
  package var receivedAt: Timestamp?
  package var invocationCount: Int32 = 0
  package var isDuplicate = false

  package init() {}

  package static let coding = MessageCoding<EmitEventResponse>(
    dispatch__events__v1__emit_event_response__init
  ) {
    $2.string(&$0.triggerID, &$1.trigger_id)
    $2.time(&$0.receivedAt, &$1.received_at, "received_at")
    $2.number(&$0.invocationCount, &$1.invocation_count)
    $2.bool(&$0.isDuplicate, &$1.duplicate)
  }
}

package struct GetTriggerRequest: WireMessage {
  package var triggerID = ""

  package init() {}

  package static let coding = MessageCoding<GetTriggerRequest>(
    dispatch__events__v1__get_trigger_request__init
  ) {
    $2.string(&$0.triggerID, &$1.trigger_id)
  }
}

package struct CancelTriggerRequest: WireMessage {
  package var triggerID = ""
  package var reason = ""

  package init() {}

  package static let coding = MessageCoding<CancelTriggerRequest>(
    dispatch__events__v1__cancel_trigger_request__init
  ) {
    $2.string(&$0.triggerID, &$1.trigger_id)
    $2.string(&$0.reason, &$1.reason)
  }
}

package struct ListTriggersRequest: WireMessage {
  package var page = PageRequest()
  package var event = ""
  package var received: TimeRange?

  package init() {}

  package static let coding = MessageCoding<ListTriggersRequest>(
    dispatch__events__v1__list_triggers_request__init
  ) {
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
    $2.string(&$0.event, &$1.event)
    $2.message(&$0.received, &$1.received, "received")
  }
}

package struct ListTriggersResponse: WireMessage {
  package var triggers: [StoredTrigger] = []
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListTriggersResponse>(
    dispatch__events__v1__list_triggers_response__init
  ) {
    $2.list(&$0.triggers, &$1.n_triggers, &$1.triggers, "triggers")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

/// From `start` (included) to `end` (excluded); nil for the beginning and the end of time.
package struct TimeRange: WireMessage, Hashable {
  package var start: Timestamp?
  package var end: Timestamp?

  package init() {}

  package static let coding = MessageCoding<TimeRange>(dispatch__events__v1__time_range__init) {
    $2.time(&$0.start, &$1.start, "start")
    $2.time(&$0.end, &$1.end, "end")
  }
}
