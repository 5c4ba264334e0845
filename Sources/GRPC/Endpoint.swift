package import NIOCore

/// Where a server listens or a client connects, written as gRPC names it (doc/naming.md):
/// `127.0.0.1:7070`, `[::1]:7070`, `localhost:7070`, `unix:/run/gateway.sock`.
package enum Endpoint: Sendable, Hashable {
  /// A listener's port 0 picks a free one.
  case tcp(host: String, port: Int)

  /// The path of a Unix domain socket, absolute or relative to the working directory.
  case unix(path: String)

  package init(host: String, port: Int) { self = .tcp(host: host, port: port) }

  /// Nil if `text` is none of these.
  package init?(_ text: some StringProtocol) {
    if text.hasPrefix("unix:") {
      let path = text.dropFirst("unix:".count)
      guard !path.isEmpty, path.utf8.count <= Limits.socketPathBytesMax else { return nil }
      self = .unix(path: path.hasPrefix("///") ? String(path.dropFirst(2)) : String(path))
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self = .tcp(host: String(host), port: Int(port))
  }

  /// A socket's own address or its peer's; nil for one without a name, as a client of a Unix domain
  /// socket.
  package init?(_ address: SocketAddress?) {
    guard let address else { return nil }
    if let host = address.ipAddress, let port = address.port {
      self = .tcp(host: host, port: port)
    } else if let path = address.pathname, !path.isEmpty {
      self = .unix(path: path)
    } else {
      return nil
    }
  }

  package var isUnix: Bool {
    if case .unix = self { true } else { false }
  }

  /// What a request's `:authority` says.
  var authority: String {
    switch self {
    case .tcp: description
    case .unix: "localhost"
    }
  }
}

extension Endpoint: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
