internal import CEventProtos
package import EventCore

/// io.cloudevents.v1.CloudEvent.CloudEventAttributeValue.
package struct CloudEventAttributeValue: WireMessage {
  package var value: Value?

  package enum Value: Hashable, Sendable {
    case boolean(Bool)
    case integer(Int32)
    case string(String)
    case bytes([UInt8])
    case uri(String)
    case uriReference(String)
    case timestamp(Timestamp)
  }

  package init() {}

  package static let coding = MessageCoding<CloudEventAttributeValue>(
    io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init
  ) {
    if $2.isDecoding {
      $0.value = $2.decoded(&$1)
    } else if let value = $0.value {
      $2.encode(value, into: &$1)
    }
  }
}

private typealias WireValue = Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue
private typealias WireCase = Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue__AttrCase

extension FieldMapper {
  /// Nil for none of the types that the gateway knows, and for a time that `Timestamp` can't hold: it
  /// is its event's problem, not the batch's.
  fileprivate mutating func decoded(_ wire: inout WireValue) -> CloudEventAttributeValue.Value? {
    switch wire.attr_case {
    case .boolean: return .boolean(wire.ce_boolean != 0)
    case .integer: return .integer(wire.ce_integer)
    case .string: return .string(String(cString: wire.ce_string))
    case .bytes:
      var value: [UInt8] = []
      bytes(&value, &wire.ce_bytes)
      return .bytes(value)
    case .uri: return .uri(String(cString: wire.ce_uri))
    case .uriReference: return .uriReference(String(cString: wire.ce_uri_ref))
    case .timestamp:
      var value: WireTime?
      message(&value, &wire.ce_timestamp, "ce_timestamp")
      return value?.timestamp.map { .timestamp($0) }
    default: return nil
    }
  }

  fileprivate mutating func encode(
    _ value: CloudEventAttributeValue.Value, into wire: inout WireValue
  ) {
    wire.attr_case = WireCase(value)
    switch value {
    case .boolean(let value): wire.ce_boolean = value ? 1 : 0
    case .integer(let value): wire.ce_integer = value
    case .string(let value): text(value, into: &wire.ce_string)
    case .bytes(var value):
      bytes(&value, &wire.ce_bytes)
    case .uri(let value): text(value, into: &wire.ce_uri)
    case .uriReference(let value): text(value, into: &wire.ce_uri_ref)
    case .timestamp(var value): time(&value, &wire.ce_timestamp, "ce_timestamp")
    }
  }

  /// An alternative of a oneof is there although it is empty.
  private func text(_ value: String, into field: inout UnsafeMutablePointer<CChar>!) {
    var present: String? = value
    string(&present, &field)
  }
}

extension WireCase {
  fileprivate static var boolean: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BOOLEAN
  }
  fileprivate static var integer: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_INTEGER
  }
  fileprivate static var string: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING
  }
  fileprivate static var bytes: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BYTES
  }
  fileprivate static var uri: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI
  }
  fileprivate static var uriReference: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI_REF
  }
  fileprivate static var timestamp: Self {
    IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP
  }

  fileprivate init(_ value: CloudEventAttributeValue.Value) {
    self =
      switch value {
      case .boolean: .boolean
      case .integer: .integer
      case .string: .string
      case .bytes: .bytes
      case .uri: .uri
      case .uriReference: .uriReference
      case .timestamp: .timestamp
      }
  }
}
