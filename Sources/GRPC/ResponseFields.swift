internal import Encodings
import HTTP2

/// The header sections of responses (PROTOCOL-HTTP2.md, "Responses").
enum ResponseFields {
  static let head = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
  static let okTrailers = HeaderBlock([("grpc-status", "0")])

  static func head(with metadata: Metadata, _ encoding: MessageEncoding) -> HeaderBlock {
    var block = head
    if encoding != .identity { block.append("grpc-encoding", encoding.name) }
    metadata.write(to: &block)
    return block
  }

  static func okTrailers(with metadata: Metadata) -> HeaderBlock {
    var block = okTrailers
    metadata.write(to: &block)
    return block
  }

  static func trailers(for error: RPCError, with metadata: Metadata = [:]) -> HeaderBlock {
    var block = HeaderBlock()
    appendStatus(error, to: &block)
    metadata.write(to: &block)
    return block
  }

  /// An answer of a single header section, for a call that fails before its first message.
  static func trailersOnly(for error: RPCError, with metadata: Metadata = [:]) -> HeaderBlock {
    var block = head
    appendStatus(error, to: &block)
    metadata.write(to: &block)
    return block
  }

  /// UNIMPLEMENTED with the encodings we do have, as compression.md asks.
  static func unsupportedEncoding(_ encoding: String) -> HeaderBlock {
    var block = trailersOnly(
      for: RPCError(.unimplemented, "grpc-encoding \(encoding) is not supported"))
    block.append("grpc-accept-encoding", MessageEncoding.acceptedNames)
    return block
  }

  private static func appendStatus(_ error: RPCError, to block: inout HeaderBlock) {
    block.append("grpc-status", Array(String(error.code.rawValue).utf8))
    if !error.message.isEmpty {
      block.append("grpc-message", StatusMessage.encode(error.message))
    }
    let details = error.statusDetails
    if !details.isEmpty, details.count <= Limits.statusDetailsBytesMax {
      block.append("grpc-status-details-bin", Base64.encode(details))
    }
    error.trailers.write(to: &block)
  }
}

/// Answers to requests that are not gRPC at all, as plain HTTP.
struct HTTPRefusal {
  let fields: HeaderBlock
  let text: StaticString?

  private init(fields: HeaderBlock, text: StaticString?) {
    self.fields = fields
    self.text = text
  }

  private init(_ status: StaticString, _ text: StaticString) {
    fields = HeaderBlock([(":status", status), ("content-type", "text/plain")])
    self.text = text
  }

  /// Without a text, which an answer to HEAD must not have (RFC 9110, section 9.3.2).
  static let notPOST = Self(
    fields: HeaderBlock([(":status", "405"), ("allow", "POST")]), text: nil)
  static let notGRPC = Self("415", "the content-type must be application/grpc\n")
  static let oversizedHead = Self("431", "the request headers are too large\n")

  /// For HTTP/1.x; the connection is closed after it.
  static let http1: StaticString = """
    HTTP/1.1 400 Bad Request\r
    content-type: text/plain\r
    content-length: 47\r
    connection: close\r
    \r
    this port speaks gRPC: HTTP/2, prior knowledge\n
    """

  /// For the same sent to a port that speaks TLS.
  static let http1WithoutTLS: StaticString = """
    HTTP/1.1 400 Bad Request\r
    content-type: text/plain\r
    content-length: 48\r
    connection: close\r
    \r
    this port speaks gRPC: HTTP/2 over TLS, ALPN h2\n
    """
}
