/// A gRPC service that implements dispatch.functions.v1.Function.
package struct GRPCTarget: Hashable, Codable, Sendable {
  /// One or several with commas between: see `GRPCAddress`.
  package var address = ""
  package var usesTLS = false
  /// The name that the server's certificate must have; empty for the host that is connected to.
  package var serverName = ""
  /// PEM certificates of the authorities to trust; empty for the system's.
  package var authorities = ""
  /// Sent with every call, such as an API key.
  package var metadata: [String: String] = [:]

  package init() {}

  /// The addresses one by one; those of a target that was checked are well formed.
  package var addresses: [Substring] {
    address.split(separator: ",", omittingEmptySubsequences: false)
  }

  func check(_ check: inout FieldCheck, _ path: String) {
    checkAddresses(&check, "\(path).address")
    checkTLS(&check, path)
    checkMetadata(&check, "\(path).metadata")
  }

  private func checkAddresses(_ check: inout FieldCheck, _ field: String) {
    guard !address.isEmpty else { return check.add(field, "is required") }
    check.size(address.utf8.count, atMost: Limits.urlBytesMax, field)
    let addresses = addresses
    if addresses.count > Limits.grpcAddressesMax {
      check.add(field, "has more than \(Limits.grpcAddressesMax) addresses")
    }
    for address in addresses.prefix(Limits.grpcAddressesMax) {
      check.add(field, GRPCAddress.problem(with: address))
    }
  }

  private func checkTLS(_ check: inout FieldCheck, _ path: String) {
    check.size(
      authorities.utf8.count, atMost: Limits.authoritiesBytesMax, "\(path).ca_certificates")
    if !serverName.isEmpty, !GRPCAddress.isHostName(serverName[...]) {
      check.add("\(path).server_name", "is not the name of a host")
    }
    guard usesTLS else {
      if !serverName.isEmpty { check.add("\(path).server_name", "needs tls") }
      if !authorities.isEmpty { check.add("\(path).ca_certificates", "needs tls") }
      return
    }
    if addresses.contains(where: { $0.hasPrefix(GRPCAddress.unixPrefix) }) {
      check.add("\(path).tls", "is not for unix: addresses")
    }
  }

  private func checkMetadata(_ check: inout FieldCheck, _ field: String) {
    if metadata.count > Limits.headersMax {
      check.add(field, "has more than \(Limits.headersMax) entries")
    }
    let bytes = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    check.size(bytes, atMost: Limits.grpcMetadataBytesMax, field)
    for (name, value) in metadata {
      check.add("\(field)[\(name.prefix(32))]", Self.problem(with: name, value))
    }
  }

  /// PROTOCOL-HTTP2.md, "Custom-Metadata".
  private static func problem(with name: String, _ value: String) -> String? {
    guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
      return "must be a name of a-z, 0-9, '_', '-' and '.'"
    }
    if reserved.contains(name) || name.hasPrefix("grpc-") { return "is set by the gateway" }
    if name.hasSuffix("-bin") { return "would hold bytes, which text can't say" }
    guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), value.first != " ",
      value.last != " "
    else { return "must be printable ASCII without blanks at its ends" }
    return nil
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private static let reserved: Set<String> = [
    "content-type", "content-length", "te", "trailer", "connection", "keep-alive", "host",
    "proxy-connection", "transfer-encoding", "upgrade", "user-agent",
  ]
}
