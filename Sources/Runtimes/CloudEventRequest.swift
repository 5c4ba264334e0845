import EventCore
import NIOHTTP1

/// What an endpoint is sent for an attempt: a CloudEvent by the HTTP binding, signed if the target
/// says so.
///
/// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md.
struct CloudEventRequest {
  private(set) var headers = HTTPHeaders()
  private(set) var body: [UInt8] = []

  /// - Parameter now: the time of the attempt, for the signature.
  init(_ attempt: AttemptRequest, to target: HTTPTarget, now: Timestamp) {
    switch target.contentMode {
    case .binary: addBinary(attempt)
    case .structured: addStructured(attempt)
    }
    if target.headers["user-agent"] == nil {
      headers.add(name: "user-agent", value: "event-gateway")
    }
    for (name, value) in target.headers { headers.add(name: name, value: value) }
    if let signing = target.signing {
      let signature = WebhookSignature(
        of: body, id: attempt.invocationID.description, at: now, by: signing.secrets)
      for (name, value) in signature.headers { headers.add(name: name, value: value) }
    }
  }

  /// Binary content mode: the payload is the body, `datacontenttype` the content type, every other
  /// attribute a `ce-` header, and all of the trigger's metadata, if it has some, the extension
  /// attribute `ce-metadata` (see `MetadataText`).
  private mutating func addBinary(_ attempt: AttemptRequest) {
    let event = CloudEvent(attempt)
    headers.add(name: "content-type", value: event.dataContentType)
    for (name, value) in event.attributes where name != "datacontenttype" {
      headers.add(name: "ce-\(name)", value: Self.headerValue(value))
    }
    if !attempt.trigger.metadata.isEmpty {
      let json = MetadataText(attempt.trigger.metadata).json
      headers.add(name: "ce-metadata", value: Self.headerValue(json))
    }
    body = attempt.payload.data
  }

  private mutating func addStructured(_ attempt: AttemptRequest) {
    headers.add(name: "content-type", value: "application/cloudevents+json")
    body = CloudEventDocument(attempt).json
  }

  /// Percent-encodes what a header can't hold: binding, section 3.1.3.2.
  private static func headerValue(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy(isPlain)
    guard !isPlain else { return text }
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      if Self.isPlain(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static let hexDigits = Array("0123456789ABCDEF".utf8)

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
  }
}
