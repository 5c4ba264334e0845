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

/// dispatch.events.v1.SchemaViolation.
package struct PayloadViolation: WireMessage {
  /// A JSON pointer into the payload.
  package var instanceLocation = ""
  /// A JSON pointer into the schema.
  package var keywordLocation = ""
  package var description = ""

  package init() {}

  package static let coding = MessageCoding<PayloadViolation>(
    dispatch__events__v1__schema_violation__init
  ) {
    $2.string(&$0.instanceLocation, &$1.instance_location)
    $2.string(&$0.keywordLocation, &$1.keyword_location)
    $2.string(&$0.description, &$1.description)
  }
}

package struct ValidateEventRequest: WireMessage {
  package var event = ""
  package var payload = Payload()
  package var schema: PayloadSchema?

  package init() {}

  package static let coding = MessageCoding<ValidateEventRequest>(
    dispatch__events__v1__validate_event_request__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.bytes(&$0.payload.data, &$1.data)
    $2.string(&$0.payload.dataType, &$1.data_type)
    $2.message(&$0.schema, &$1.schema, "schema")
  }
}

package struct ValidateEventResponse: WireMessage {
  package var isValid = false
  package var violations: [PayloadViolation] = []
  package var schemaRevision: UInt64 = 0

  package init() {}

  package static let coding = MessageCoding<ValidateEventResponse>(
    dispatch__events__v1__validate_event_response__init
  ) {
    $2.bool(&$0.isValid, &$1.valid)
    $2.list(&$0.violations, &$1.n_violations, &$1.violations, "violations")
    $2.number(&$0.schemaRevision, &$1.schema_revision)
  }
}

package struct GetEventSchemaRequest: WireMessage {
  package var event = ""
  /// 0 stands for the current one.
  package var revision: UInt64 = 0

  package init() {}

  package static let coding = MessageCoding<GetEventSchemaRequest>(
    dispatch__events__v1__get_event_schema_request__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.number(&$0.revision, &$1.revision)
  }
}

package struct ListEventSchemasRequest: WireMessage {
  package var event = ""
  package var page = PageRequest()

  package init() {}

  package static let coding = MessageCoding<ListEventSchemasRequest>(
    dispatch__events__v1__list_event_schemas_request__init
  ) {
    $2.string(&$0.event, &$1.event)
    $2.page(&$0.page, &$1.page_size, &$1.page_token)
  }
}

package struct ListEventSchemasResponse: WireMessage {
  package var schemas: [SchemaRevision] = []
  package var nextPageToken = ""

  package init() {}

  package static let coding = MessageCoding<ListEventSchemasResponse>(
    dispatch__events__v1__list_event_schemas_response__init
  ) {
    $2.list(&$0.schemas, &$1.n_schemas, &$1.schemas, "schemas")
    $2.string(&$0.nextPageToken, &$1.next_page_token)
  }
}
