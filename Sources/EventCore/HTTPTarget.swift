/// An HTTP endpoint that takes CloudEvents in binary mode by POST.
package struct HTTPTarget: Hashable, Codable, Sendable {
  package var url = ""
  /// Sent with every request, such as an API key; never `content-*`, `ce-*` or `host`.
  package var headers: [String: String] = [:]

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.size(url.utf8.count, atMost: Limits.urlBytesMax, "\(path).url")
    if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
      check.add("\(path).url", "must start with http:// or https://")
    } else if !url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
      check.add("\(path).url", "must be percent-encoded ASCII without spaces")
    }
    if headers.count > Limits.headersMax {
      check.add("\(path).headers", "has more than \(Limits.headersMax) entries")
    }
    for (name, value) in headers { Self.check(name, value, &check, "\(path).headers") }
  }

  private static func check(
    _ name: String, _ value: String, _ check: inout FieldCheck, _ path: String
  ) {
    let isToken =
      !name.isEmpty
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
      }
    let field = "\(path)[\(name.prefix(32))]"
    if !isToken { check.add(field, "must be a lower-case header name") }
    if ["host", "connection", "transfer-encoding"].contains(name) || name.hasPrefix("content-")
      || name.hasPrefix("ce-")
    {
      check.add(field, "is set by the gateway")
    }
    check.text(value, atMost: Limits.metadataValueBytesMax, field)
  }
}
