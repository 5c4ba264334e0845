import ArgumentParser
import GRPC
import Logging
import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Both ends of gRPC's interoperability cases, of our server and of our client.
@main
struct Interop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "gRPC's interoperability cases.", subcommands: [Serve.self, Call.self])
}

/// Serves TestService until it is killed; one line on stdout says where.
struct Serve: AsyncParsableCommand {
  @Option var certificate: String?
  @Option var key: String?
  @Option var clientCa: String?

  func run() async throws {
    var tls: ServerTLS?
    if let certificate, let key {
      var configuration = ServerTLS.Configuration(
        files: TLSFiles(certificate: certificate, key: key))
      configuration.clientAuthorities = clientCa
      tls = try ServerTLS(configuration)
    }
    let listener = GRPCServer.Listener(.init(host: "127.0.0.1", port: 0), tls: tls)
    let server = GRPCServer(
      configuration: .init(listeners: [listener]), router: TestService.router(),
      group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "interop"))
    let address = try await server.start()[0]
    print("listening on \(Endpoint(address)!)")
    fflush(nil)
    while true { try await Task.sleep(for: .seconds(3_600)) }
  }
}

/// Runs one case against a server; exits with 1 and says why if it fails.
struct Call: AsyncParsableCommand {
  @Argument var name: String
  @Option var server: String
  @Option var ca: String?
  @Option var certificate: String?
  @Option var key: String?

  func run() async throws {
    guard let body = ClientCases.all[name] else { throw ValidationError("no case '\(name)'") }
    guard let endpoint = Endpoint(server) else { throw ValidationError("--server is no address") }
    var configuration = GRPCClient.Configuration(endpoint)
    if let ca {
      var tls = ClientTLS.Configuration()
      tls.authorities = ca
      if let certificate, let key { tls.files = TLSFiles(certificate: certificate, key: key) }
      configuration.tls = try ClientTLS(tls)
    }
    let client = GRPCClient(configuration, group: MultiThreadedEventLoopGroup.singleton)
    do {
      try await body(client)
    } catch {
      print("\(name): \(error)")
      throw ExitCode.failure
    }
    await client.close()
  }
}
