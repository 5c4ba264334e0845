/// TLS that can't be set up, or a handshake that failed, in words for the operator.
package struct TLSError: Error, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }

  static let plainHTTP = Self("it talks HTTP without TLS")

  /// What NIOSSL and BoringSSL say of a handshake; the latter has its reasons as text only.
  init(handshake error: any Error) {
    let text = "\(error)"
    self = Self.causes.first { text.contains($0.sign) }.map { Self($0.words) } ?? Self(text)
  }

  private static let causes: [(sign: String, words: String)] = [
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not signed by an authority trusted here"),
    ("failedToValidateHostname", "its certificate is for another name"),
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "it has no client certificate"),
    ("ALERT_CERTIFICATE_REQUIRED", "it asks for a client certificate"),
    ("ALERT_UNKNOWN_CA", "it does not trust our certificate's authority"),
    ("WRONG_VERSION_NUMBER", "it does not talk TLS"),
    ("EOF during handshake", "it closed the connection before the handshake was over"),
    ("HTTP_REQUEST", plainHTTP.description),
    ("UNSUPPORTED_PROTOCOL", "it has no version of TLS in common with us"),
    ("NO_SHARED_CIPHER", "it has no cipher suite in common with us"),
  ]
}
