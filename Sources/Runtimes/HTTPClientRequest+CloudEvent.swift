import AsyncHTTPClient
import EventCore
import NIOCore
import NIOHTTP1

extension HTTPClientRequest {
  /// A CloudEvent in binary content mode: the payload is the body, `datacontenttype` the content
  /// type, every other attribute a `ce-` header, and all of the trigger's metadata, if it has some,
  /// the extension attribute `ce-metadata` (see `MetadataText`).
  ///
  /// See https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md.
  init(_ attempt: AttemptRequest, to target: HTTPTarget) {
    self.init(url: target.url)
    method = .POST
    let event = CloudEvent(attempt)
    headers.add(name: "content-type", value: event.dataContentType)
    for (name, value) in event.attributes where name != "datacontenttype" {
      headers.add(name: "ce-\(name)", value: Self.headerValue(value))
    }
    if !attempt.trigger.metadata.isEmpty {
      let json = MetadataText(attempt.trigger.metadata).json
      headers.add(name: "ce-metadata", value: Self.headerValue(json))
    }
    if target.headers["user-agent"] == nil {
      headers.add(name: "user-agent", value: "event-gateway")
    }
    for (name, value) in target.headers { headers.add(name: name, value: value) }
    body = .bytes(ByteBuffer(bytes: attempt.payload.data))
  }

  /// Percent-encodes what a header can't hold: binding, section 3.1.3.2.
  static func headerValue(_ text: String) -> String {
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
