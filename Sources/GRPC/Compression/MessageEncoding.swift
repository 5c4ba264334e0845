import HTTP2

/// How the messages of one direction of a call are compressed, as `grpc-encoding` names it
/// (https://github.com/grpc/grpc/blob/master/doc/compression.md).
package enum MessageEncoding: UInt8, Sendable, CaseIterable {
  case identity
  case gzip
  /// The zlib format (RFC 1950), not bare deflate, as in HTTP.
  case deflate

  /// What both sides say that they take.
  static let acceptedNames: StaticString = "identity,deflate,gzip"

  var name: StaticString {
    switch self {
    case .identity: "identity"
    case .gzip: "gzip"
    case .deflate: "deflate"
    }
  }

  /// Nil for a name that is not one of ours.
  init?(name: UnsafeRawBufferPointer) {
    switch name.count {
    case 4 where name.equals("gzip"): self = .gzip
    case 7 where name.equals("deflate"): self = .deflate
    case 8 where name.equals("identity"): self = .identity
    default: return nil
    }
  }

  /// Whether a peer with these headers takes it. A peer that says nothing takes identity only.
  func isAccepted(by fields: HeaderBlock) -> Bool {
    guard self != .identity else { return true }
    var isAccepted = false
    fields.forEach { _, name, value in
      guard name.count == 20, name.equals("grpc-accept-encoding") else { return }
      for part in value.split(separator: UInt8(ascii: ",")) {
        let part = UnsafeRawBufferPointer(rebasing: part.trimmedSpaces)
        if MessageEncoding(name: part) == self { isAccepted = true }
      }
    }
    return isAccepted
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// Without spaces and tabs at its ends.
  var trimmedSpaces: Self {
    func isSpace(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var part = self
    while isSpace(part.first) { part.removeFirst() }
    while isSpace(part.last) { part.removeLast() }
    return part
  }
}
