/// An HTTP endpoint that takes CloudEvents by POST.
package struct HTTPTarget: Hashable, Codable, Sendable {
  package var url = ""
  /// Sent with every request, such as an API key; never what the gateway sets itself.
  package var headers: [String: String] = [:]
  package var contentMode = ContentMode.binary
  /// How long making a connection may take, TLS included.
  package var connectTimeout = Duration.seconds(10)
  /// How long the response's head may take from when the request was sent; nil: as long as the
  /// attempt.
  package var responseTimeout: Duration?
  package var signing: Signing?
  /// The authorities to trust, in PEM; empty: the system's.
  package var caCertificates = ""

  package init() {}

  package enum ContentMode: Int32, Codable, Sendable {
    /// Attributes as headers, the payload as the body.
    case binary = 1
    /// All of it as one JSON document.
    case structured
  }

  func check(_ check: inout FieldCheck, _ path: String) {
    check.size(url.utf8.count, atMost: Limits.urlBytesMax, "\(path).url")
    if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
      check.add("\(path).url", "must start with http:// or https://")
    } else if !url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
      check.add("\(path).url", "must be percent-encoded ASCII without spaces")
    }
    checkHeaders(&check, "\(path).headers")
    check.range(connectTimeout, Limits.connectTimeout, "\(path).connect_timeout")
    if let responseTimeout {
      check.range(responseTimeout, Limits.responseTimeout, "\(path).response_timeout")
    }
    signing?.check(&check, "\(path).signing")
    check.size(
      caCertificates.utf8.count, atMost: Limits.authoritiesBytesMax, "\(path).ca_certificates")
    if !caCertificates.isEmpty, !url.hasPrefix("https://") {
      check.add("\(path).ca_certificates", "needs an https:// URL")
    }
  }

  private func checkHeaders(_ check: inout FieldCheck, _ path: String) {
    if headers.count > Limits.headersMax {
      check.add(path, "has more than \(Limits.headersMax) entries")
    }
    for (name, value) in headers {
      let field = "\(path)[\(name.prefix(32))]"
      if !Self.isHeaderName(name) { check.add(field, "must be a lower-case header name") }
      if isGatewaysOwn(name) { check.add(field, "is set by the gateway") }
      check.text(value, atMost: Limits.metadataValueBytesMax, field)
    }
  }

  private static func isHeaderName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
      }
  }

  private func isGatewaysOwn(_ name: String) -> Bool {
    ["host", "connection", "transfer-encoding"].contains(name) || name.hasPrefix("content-")
      || name.hasPrefix("ce-") || signing != nil && name.hasPrefix("webhook-")
  }
}
