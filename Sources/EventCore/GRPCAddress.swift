#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Where a gRPC function is: `HOST:PORT`, `[IPV6]:PORT` or `unix:/PATH`.
package enum GRPCAddress {
  package static let unixPrefix = "unix:"

  /// Nil when it is well formed, whether anybody is there or not; else a phrase that goes after the
  /// field's name.
  static func problem(with address: Substring) -> String? {
    if address.hasPrefix(unixPrefix) {
      return problem(withPath: address.dropFirst(unixPrefix.count))
    }
    guard let colon = address.lastIndex(of: ":") else { return formProblem(address) }
    let host = address[..<colon]
    let isHost =
      host.hasPrefix("[") && host.hasSuffix("]")
      ? isIPv6(host.dropFirst().dropLast()) : isIPv4(host) || isHostName(host)
    guard isHost else { return formProblem(address) }
    let port = address[address.index(after: colon)...]
    guard isNumber(port), let number = UInt16(port), number > 0 else {
      return "has the port '\(port)'; it must be between 1 and 65535"
    }
    return nil
  }

  private static func formProblem(_ address: Substring) -> String {
    "has '\(address.prefix(64))'; it must be HOST:PORT, [IPV6]:PORT or unix:/PATH"
  }

  private static func problem(withPath path: Substring) -> String? {
    guard path.hasPrefix("/"), !path.unicodeScalars.contains(where: \.isControl) else {
      return "has '\(unixPrefix)\(path.prefix(64))'; the path must be absolute"
    }
    guard path.utf8.count <= Limits.socketPathBytesMax else {
      return
        "has a path of \(path.utf8.count) bytes; at most \(Limits.socketPathBytesMax) are allowed"
    }
    return nil
  }

  /// A name as DNS has it, underscores included as some container networks use them (RFC 1123,
  /// section 2.1); not an IPv4 address.
  static func isHostName(_ name: Substring) -> Bool {
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard name.utf8.count <= 253, let last = labels.last, !last.allSatisfy(isDigit) else {
      return false
    }
    return labels.allSatisfy { label in
      (1...63).contains(label.count) && label.allSatisfy(isLabelByte)
        && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
    }
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: isDigit(byte)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(isDigit)
  }

  private static func isIPv4(_ text: Substring) -> Bool {
    var address = in_addr()
    return inet_pton(AF_INET, String(text), &address) == 1
  }

  private static func isIPv6(_ text: Substring) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, String(text), &address) == 1
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { properties.generalCategory == .control }
}
