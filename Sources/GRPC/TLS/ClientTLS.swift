import NIOCore
import NIOSSL

/// TLS 1.2 and 1.3 of a client, which takes no server that does not prove its name.
package struct ClientTLS: Sendable {
  package struct Configuration: Sendable, Equatable {
    /// A PEM file of the authorities to trust; nil takes the system's.
    package var authorities: String?

    /// The same as text, besides those of the file.
    package var authoritiesText: String?

    /// What the client proves itself with; nil for nothing.
    package var files: TLSFiles?

    /// The name that the server's certificate must have; nil takes the host that is connected to.
    /// A certificate for the address that is connected to passes as well (NIOSSL's rule).
    package var serverName: String?

    package init() {}
  }

  private let context: NIOSSLContext
  private let serverName: String?

  /// Reads the files; blocks meanwhile.
  package init(_ configuration: Configuration) throws(TLSError) {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.restrictToHTTP2()
    if let authorities = try configuration.certificates() {
      tls.trustRoots = .certificates(authorities)
    }
    if let files = configuration.files {
      tls.certificateChain = try files.chain().map { .certificate($0) }
      tls.privateKey = .privateKey(try files.privateKey())
    }
    do {
      context = try NIOSSLContext(configuration: tls)
    } catch {
      throw TLSError("can't use TLS: \(error)")
    }
    serverName = configuration.serverName
  }

  /// Puts TLS in front of what a channel to `endpoint` has; `onEnd` hears the handshake's end.
  func addHandlers(
    to channel: any Channel, of endpoint: Endpoint,
    onEnd: @escaping (Result<PeerIdentity?, any Error>) -> Void
  ) throws {
    let handler = try NIOSSLClientHandler(context: context, serverHostname: name(of: endpoint))
    try channel.pipeline.syncOperations.addHandlers(handler, TLSGate(refusal: nil, onEnd: onEnd))
  }

  /// Nil for an IP address, which NIOSSL compares with what is connected to: SNI has names only
  /// (RFC 6066 section 3).
  private func name(of endpoint: Endpoint) -> String? {
    if let serverName { return serverName }
    guard case .tcp(let host, _) = endpoint else { return "localhost" }
    return (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
  }
}

extension ClientTLS.Configuration {
  /// Of the authorities to trust; nil for the system's.
  fileprivate func certificates() throws(TLSError) -> [NIOSSLCertificate]? {
    guard authorities != nil || authoritiesText != nil else { return nil }
    return try (authorities.map(TLSFiles.certificates(in:)) ?? [])
      + (authoritiesText.map(TLSFiles.certificates(inText:)) ?? [])
  }
}
