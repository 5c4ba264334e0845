internal import CEventProtos
package import EventCore

package struct CreateEventRequest: WireMessage {
  package var event = Event()
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<CreateEventRequest>(
    dispatch__events__v1__create_event_request__init
  ) {
    $2.message(&$0.event, &$1.event, "event")
    $2.string(&$0.requestID, &$1.request_id)
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct GetEventRequest: WireMessage {
  package var event = ""

  package init() {}

  package static let coding = MessageCoding<GetEventRequest>(
    dispatch__events__v1__get_event_request__init
  ) {
    $2.string(&$0.event, &$1.event)
  }
}

package struct ListEventsRequest: WireMessage {
  package var page = PageRequest()

  package init() {}

  package static let coding = MessageCoding<ListEventsRequest>(
    dispatch__events__v1__list_events_request__init
  ) {
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
  }
}

package struct ListEventsResponse: WireMessage {
  package var events = [Event]()
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListEventsResponse>(
    dispatch__events__v1__list_events_response__init
  ) {
    $2.list(&$0.events, &$1.n_events, &$1.events, "events")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}

package struct UpdateEventRequest: WireMessage {
  package var event = Event()
  package var updateMask: FieldMask?
  package var validateOnly = false

  package init() {}

  package static let coding = MessageCoding<UpdateEventRequest>(
    dispatch__events__v1__update_event_request__init
  ) {
    $2.message(&$0.event, &$1.event, "event")
    $2.message(&$0.updateMask, &$1.update_mask, "update_mask")
    $2.bool(&$0.validateOnly, &$1.validate_only)
  }
}

package struct DeleteEventRequest: WireMessage {
  package var event = ""
  package var etag = ""
  package var force = false

  package init() {}

  package static let coding = MessageCoding<DeleteEventRequest>(
    dispatch__events__v1__delete_event_request__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.string(&$0.etag, &$1.etag)
    $2.bool(&$0.force, &$1.force)
  }
}
