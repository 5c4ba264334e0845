import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc

/// Runs one of gRPC's interoperability cases with grpc-swift-2's client; ends with 1 and says why if
/// it fails.
///
///     grpc-swift-calls CASE PORT [AUTHORITY [CERTIFICATE KEY]]
@main
struct Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2, let body = Cases.all[arguments[0]], let port = Int(arguments[1])
    else { return fail("usage: grpc-swift-calls CASE PORT [AUTHORITY [CERTIFICATE KEY]]") }
    do {
      var config = HTTP2ClientTransport.Posix.Config.defaults
      config.compression = .init(algorithm: .none, enabledAlgorithms: .all)
      let transport = try HTTP2ClientTransport.Posix(
        target: .ipv4(address: "127.0.0.1", port: port),
        transportSecurity: security(arguments.dropFirst(2)), config: config)
      try await withGRPCClient(transport: transport) { try await body($0) }
    } catch {
      fail("\(arguments[0]): \(error)")
    }
  }

  private static func security(
    _ files: ArraySlice<String>
  ) -> HTTP2ClientTransport.Posix.TransportSecurity {
    guard let authority = files.first else { return .plaintext }
    let trusted = TLSConfig.TrustRootsSource.certificates([.file(path: authority, format: .pem)])
    guard files.count == 3 else { return .tls { $0.trustRoots = trusted } }
    return .mTLS(
      certificateChain: [.file(path: files[files.startIndex + 1], format: .pem)],
      privateKey: .file(path: files[files.startIndex + 2], format: .pem)
    ) { $0.trustRoots = trusted }
  }

  private static func fail(_ reason: String) {
    print(reason)
    exit(1)
  }
}
