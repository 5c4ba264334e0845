internal import CEventProtos

/// io.cloudevents.v1.CloudEventBatch, what EmitCloudEvents takes.
package struct CloudEventBatch: WireMessage {
  package var events: [CloudEventMessage] = []

  package init() {}

  package static let coding = MessageCoding<CloudEventBatch>(
    io__cloudevents__v1__cloud_event_batch__init
  ) {
    $2.list(&$0.events, &$1.n_events, &$1.events, "events")
  }
}

/// io.cloudevents.v1.CloudEvent.
package struct CloudEventMessage: WireMessage {
  package var id = ""
  package var source = ""
  package var specVersion = ""
  package var type = ""
  /// The optional attributes and extensions.
  package var attributes: [CloudEventAttribute] = []
  package var data: Content?

  package enum Content: Hashable, Sendable {
    case binary([UInt8])
    case text(String)
    case proto(AnyMessage)
  }

  package init() {}

  package static let coding = MessageCoding<CloudEventMessage>(
    io__cloudevents__v1__cloud_event__init
  ) {
    $2.string(&$0.id, &$1.id)
    $2.string(&$0.source, &$1.source)
    $2.string(&$0.specVersion, &$1.spec_version)
    $2.string(&$0.type, &$1.type)
    $2.list(&$0.attributes, &$1.n_attributes, &$1.attributes, "attributes")
    if $2.selects(
      &$1.data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA, $0.binary != nil)
    {
      var bytes = $0.binary ?? []
      $2.bytes(&bytes, &$1.binary_data)
      $0.data = .binary(bytes)
    }
    if $2.selects(
      &$1.data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA, $0.text != nil)
    {
      var text = $0.text ?? ""
      $2.string(&text, &$1.text_data)
      $0.data = .text(text)
    }
    if $2.selects(
      &$1.data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA, $0.proto != nil)
    {
      var message = $0.proto
      $2.message(&message, &$1.proto_data, "proto_data")
      $0.data = message.map { .proto($0) }
    }
  }
}

extension CloudEventMessage {
  fileprivate var binary: [UInt8]? { if case .binary(let bytes) = data { bytes } else { nil } }
  fileprivate var text: String? { if case .text(let text) = data { text } else { nil } }
  fileprivate var proto: AnyMessage? { if case .proto(let any) = data { any } else { nil } }
}

/// google.protobuf.Any with a message that the gateway does not know.
package struct AnyMessage: WireMessage, Hashable {
  package var typeURL = ""
  package var value: [UInt8] = []

  package init() {}

  package static let coding = MessageCoding<AnyMessage>(google__protobuf__any__init) {
    $2.string(&$0.typeURL, &$1.type_url)
    $2.bytes(&$0.value, &$1.value)
  }
}

/// An entry of CloudEvent.attributes.
package struct CloudEventAttribute: WireMessage {
  package var name = ""
  package var value = CloudEventAttributeValue()

  package init() {}

  package static let coding = MessageCoding<CloudEventAttribute>(
    io__cloudevents__v1__cloud_event__attributes_entry__init
  ) {
    $2.string(&$0.name, &$1.key)
    $2.message(&$0.value, &$1.value, "value")
  }
}

package struct EmitCloudEventsResponse: WireMessage {
  package var results: [EmitCloudEventsResult] = []

  package init() {}

  package static let coding = MessageCoding<EmitCloudEventsResponse>(
    dispatch__events__v1__emit_cloud_events_response__init
  ) {
    $2.list(&$0.results, &$1.n_results, &$1.results, "results")
  }
}

/// The answer to one event of the batch.
package struct EmitCloudEventsResult: WireMessage {
  package var result: EmitResult?

  package init() {}

  package init(_ result: EmitResult) {
    self.result = result
  }

  package static let coding = MessageCoding<EmitCloudEventsResult>(
    dispatch__events__v1__emit_cloud_events_result__init
  ) {
    if $2.selects(
      &$1.result_case, DISPATCH__EVENTS__V1__EMIT_CLOUD_EVENTS_RESULT__RESULT_ACCEPTED,
      $0.result?.accepted != nil)
    {
      var accepted = $0.result?.accepted
      $2.message(&accepted, &$1.accepted, "accepted")
      $0.result = accepted.map { .accepted($0) }
    }
    if $2.selects(
      &$1.result_case, DISPATCH__EVENTS__V1__EMIT_CLOUD_EVENTS_RESULT__RESULT_ERROR,
      $0.result?.error != nil)
    {
      var error = $0.result?.error
      $2.message(&error, &$1.error, "error")
      $0.result = error.map { .error($0) }
    }
  }
}
