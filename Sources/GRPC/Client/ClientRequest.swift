import HTTP2
package import NIOCore

/// How one call is made.
package struct CallOptions: Sendable {
  /// Until the status must be there, connecting included; sent to the server as its deadline. Nil
  /// waits as long as it takes.
  package var timeout: TimeAmount?

  /// Of the requests; nil takes ``ClientLimits/requestEncoding``.
  package var encoding: MessageEncoding?

  /// The call waits for a server while none can be reached, up to its timeout, instead of failing
  /// with UNAVAILABLE (doc/wait-for-ready.md).
  package var waitForReady = false

  package init(
    timeout: TimeAmount? = nil, encoding: MessageEncoding? = nil, waitForReady: Bool = false
  ) {
    self.timeout = timeout
    self.encoding = encoding
    self.waitForReady = waitForReady
  }
}

/// What a call asks for, kept until it has an answer: it may have to be asked again.
struct ClientRequest: Sendable {
  let path: String
  let metadata: Metadata

  /// The only request message; nil if they are written one by one.
  let message: ByteBuffer?
  let encoding: MessageEncoding
  let waitsForReady: Bool

  /// - Parameter timeout: what is left of it.
  func head(for endpoint: Endpoint, _ client: GRPCClient.Configuration, timeout: TimeAmount?)
    -> HeaderBlock
  {
    let scheme: StaticString = client.tls == nil ? "http" : "https"
    var head = HeaderBlock([(":method", "POST"), (":scheme", scheme)])
    head.append(":path", path)
    head.append(":authority", endpoint.authority)
    head.append("te", "trailers")
    if let timeout { head.append("grpc-timeout", Timeout.encode(timeout)) }
    head.append("content-type", "application/grpc")
    head.append("grpc-accept-encoding", MessageEncoding.acceptedNames)
    if encoding != .identity { head.append("grpc-encoding", encoding.name) }
    head.append("user-agent", client.userAgent)
    metadata.write(to: &head)
    return head
  }
}
