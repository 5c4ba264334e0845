internal import Encodings
internal import EventCore
internal import GRPC
internal import Messages

/// A CloudEvent as what the gateway takes in; docs/cloudevents.md has the table.
extension TriggerContent {
  /// - Throws: FIELD_INVALID with every field that is wrong, by its path in the event. What has the
  ///   same bounds in every trigger is left to `Trigger.check`.
  init(_ event: CloudEventMessage) throws(GatewayError) {
    self.init()
    var check = FieldCheck()
    takeRequired(event, &check)
    // As in any map on the wire, the last entry of a name counts.
    let attributes = Dictionary(
      event.attributes.map { ($0.name, $0.value.value) }, uniquingKeysWith: { $1 })
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
      take(name, value, &check)
    }
    take(event.data, &check)
    try check.finish()
  }

  private mutating func takeRequired(_ event: CloudEventMessage, _ check: inout FieldCheck) {
    if event.id.isEmpty { check.add("id", "is required") }
    check.text(event.id, atMost: Limits.cloudEventIDBytesMax, "id")
    check.uri(event.source, "source")
    check.size(event.source.utf8.count, atMost: Limits.sourceBytesMax, "source")
    check.name(event.type, .event, "type")
    if event.specVersion.isEmpty {
      check.add("spec_version", "is required")
    } else if event.specVersion != CloudEvent.specVersion {
      check.add("spec_version", "is not \(CloudEvent.specVersion), the only one that is known")
    }
    (self.event, source, cloudEventID) = (event.type, event.source, event.id)
    requestID = Self.requestID(source: event.source, id: event.id)
  }

  /// The same for the same pair and for no other: the length keeps apart where a source ends and an
  /// id begins. A digest, as both together are longer than a request's id may be.
  private static func requestID(source: String, id: String) -> String {
    let pair = Array("\(source.utf8.count) ".utf8) + Array(source.utf8) + Array(id.utf8)
    return "cloudevent-" + Hexadecimal.text(SHA256.digest(pair))
  }
}

// MARK: Data

extension TriggerContent {
  /// The metadata that keeps the type of `proto_data` if `dataschema` says something else.
  static let typeURLKey = "data-type-url"

  /// After the attributes. A type that is missing is the event's, else what the field says.
  private mutating func take(_ data: CloudEventMessage.Content?, _ check: inout FieldCheck) {
    switch data {
    case .binary(let bytes):
      payload.data = bytes
      defaultDataType = "application/octet-stream"
    case .text(let text):
      payload.data = Array(text.utf8)
      defaultDataType = "text/plain; charset=utf-8"
    case .proto(let message):
      if message.typeURL.isEmpty { check.add("proto_data.type_url", "is required") }
      payload.data = message.value
      if payload.dataType.isEmpty { payload.dataType = "application/protobuf" }
      let schema = metadata["dataschema"] ?? message.typeURL
      metadata[schema == message.typeURL ? "dataschema" : Self.typeURLKey] = message.typeURL
    case nil: break
    }
  }
}

// MARK: Attributes

extension TriggerContent {
  private mutating func take(
    _ name: String, _ value: CloudEventAttributeValue.Value?, _ check: inout FieldCheck
  ) {
    let field = "attributes[\(name.cut(toBytes: 32))]"
    guard CloudEvent.isAttributeName(name) else {
      return check.add(field, "must have a name of lower-case letters and digits")
    }
    guard let value else {
      return check.add(field, "has no value, or a time that is not between 1678 and 2262")
    }
    switch name {
    case "id", "source", "specversion", "type":
      check.add(field, "has a field of its own, and can't come again as an attribute")
    case "data": check.add(field, "can't be the name of an attribute")
    case "time": cloudEventTime = check.time(value, field)
    case "datacontenttype":
      payload.dataType = check.string(value, field)
      check.dataType(payload.dataType, field)
    case "partitionkey": orderingKey = check.string(value, field)
    case "subject": metadata[name] = check.string(value, field)
    default: metadata[name] = check.canonical(value, field)
    }
    if name == "dataschema", let schema = metadata[name] { check.uri(schema, field) }
  }
}

extension FieldCheck {
  /// A value that must be a string, and not an empty one.
  fileprivate mutating func string(
    _ value: CloudEventAttributeValue.Value, _ field: String
  ) -> String {
    guard case .string(let text) = value else {
      add(field, "must be a ce_string")
      return ""
    }
    if text.isEmpty { add(field, "is empty") }
    self.text(text, atMost: Limits.metadataValueBytesMax, field)
    return text
  }

  fileprivate mutating func time(
    _ value: CloudEventAttributeValue.Value, _ field: String
  ) -> Timestamp? {
    switch value {
    case .timestamp(let time): return time
    case .string(let text):
      let time = Timestamp(rfc3339: text)
      if time == nil { add(field, "is not a time of RFC 3339 between 1678 and 2262") }
      return time
    default:
      add(field, "must be a ce_timestamp, or a ce_string of RFC 3339")
      return nil
    }
  }

  /// The value's text of the CloudEvents type system.
  fileprivate mutating func canonical(
    _ value: CloudEventAttributeValue.Value, _ field: String
  ) -> String {
    switch value {
    case .boolean(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .bytes(let bytes):
      return String(decoding: Base64.encode(bytes, isPadded: true), as: UTF8.self)
    case .timestamp(let time): return time.description
    case .string(let value):
      text(value, atMost: Limits.metadataValueBytesMax, field)
      return value
    case .uriReference(let value):
      uri(value, field)
      return value
    case .uri(let value):
      uri(value, field)
      if let uri = URIReference(value), uri.scheme == nil, !value.isEmpty {
        add(field, "is not a URI: it has no scheme")
      }
      return value
    }
  }

  fileprivate mutating func uri(_ value: String, _ field: String) {
    if value.isEmpty {
      add(field, "is required")
    } else if URIReference(value) == nil {
      add(field, "is not a URI-reference; other characters than RFC 3986's are percent-encoded")
    }
  }
}
