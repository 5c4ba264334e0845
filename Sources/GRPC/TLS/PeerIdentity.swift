import NIOSSL

/// Who a client proved to be by its certificate: the subject's alternative names, which alone count
/// (RFC 9525 section 2); a common name does not.
package struct PeerIdentity: Sendable, Equatable {
  package private(set) var dnsNames: [String] = []

  /// Such as a SPIFFE ID, `spiffe://example.org/worker`.
  package private(set) var uris: [String] = []

  package private(set) var emailAddresses: [String] = []

  init(_ certificate: NIOSSLCertificate) {
    for name in certificate._subjectAlternativeNames() {
      // A name that is not text is nobody's name.
      guard let text = String(validating: name.contents, as: UTF8.self) else { continue }
      switch name.nameType {
      case .dnsName: dnsNames.append(text)
      case .uri: uris.append(text)
      case .email: emailAddresses.append(text)
      default: break
      }
    }
  }

  /// The first name there is, for logs.
  package var name: String? { uris.first ?? dnsNames.first ?? emailAddresses.first }
}
