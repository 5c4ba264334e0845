/// Where a URL leads: the part that a message may show. The rest of a URL can hold secrets.
struct HTTPAddress: CustomStringConvertible {
  /// `http://host:port`, without user, path and query.
  let description: String

  init(_ url: String) {
    let parts = Self.parts(of: url)
    description = "\(parts.scheme)://\(parts.hostAndPort)"
  }

  /// Nil when the URL, which was checked for its scheme and characters, can be called, else a
  /// phrase that goes after the field's name.
  static func problem(in url: String) -> String? {
    let parts = parts(of: url)
    if parts.hasUser { return "must not contain a user or password: send them in a header" }
    guard let host = parts.host, !host.isEmpty else { return "has no host" }
    guard let port = parts.port else { return nil }
    guard let number = UInt16(port), number > 0 else {
      return "has the port '\(port)'; it must be between 1 and 65535"
    }
    return nil
  }

  private struct Parts {
    var scheme: Substring
    var hasUser: Bool
    var hostAndPort: Substring
    var host: Substring?
    var port: Substring?
  }

  private static func parts(of url: String) -> Parts {
    let scheme = url.prefix { $0 != ":" }
    let authority = url.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }
    let afterUser = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] }
    let hostAndPort = afterUser ?? authority
    var parts = Parts(scheme: scheme, hasUser: afterUser != nil, hostAndPort: hostAndPort)
    // The colons of an IPv6 address are within its brackets.
    let bracket = hostAndPort.lastIndex(of: "]") ?? hostAndPort.startIndex
    let colon = hostAndPort[bracket...].firstIndex(of: ":")
    parts.host = hostAndPort[..<(colon ?? hostAndPort.endIndex)]
    parts.port = colon.map { hostAndPort[hostAndPort.index(after: $0)...] }
    return parts
  }
}
