import Encodings
import EventCore
import JSON

/// A CloudEvent of an attempt in its JSON format, on one line.
///
/// A payload of a JSON type is the member `data`, one of a text type a string of that name. All
/// others, and what is not what its type says, are `data_base64`: so the payload can always be told
/// from the document. The trigger's metadata, if it has some, is the extension attribute `metadata`
/// (see `MetadataText`).
///
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md.
struct CloudEventDocument {
  private(set) var json = Array("{".utf8)

  /// - Parameter extensions: further attributes.
  init(_ attempt: AttemptRequest, extensions: [CloudEvent.Attribute] = []) {
    for (name, value) in CloudEvent(attempt).attributes + extensions { add(name, text: value) }
    if !attempt.trigger.metadata.isEmpty {
      add("metadata", text: MetadataText(attempt.trigger.metadata).json)
    }
    add(attempt.payload)
    json.append(UInt8(ascii: "}"))
  }

  private mutating func add(_ payload: Payload) {
    guard !payload.data.isEmpty else { return }
    if payload.isJSON, let document = try? JSONDocument(payload.data) {
      add(name: "data")
      document.read { $0.append(to: &json) }
    } else if payload.isText, let text = String(validating: payload.data, as: UTF8.self) {
      add("data", text: text)
    } else {
      add(name: "data_base64")
      JSONText.append(Base64.encode(payload.data, isPadded: true), to: &json)
    }
  }

  private mutating func add(_ name: String, text: String) {
    add(name: name)
    JSONText.append(text.utf8, to: &json)
  }

  private mutating func add(name: String) {
    if json.count > 1 { json.append(UInt8(ascii: ",")) }
    JSONText.append(name.utf8, to: &json)
    json.append(UInt8(ascii: ":"))
  }
}
