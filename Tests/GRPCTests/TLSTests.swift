import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import GRPC

/// TLS between our server and our client over real sockets; others' clients are in Tests/EndToEnd.
@Suite struct TLSTests {
  private let files: CertificateFiles

  init() throws { files = try CertificateFiles() }

  private var mutual: ServerTLS.Configuration {
    var configuration = ServerTLS.Configuration(files: files.server)
    configuration.clientAuthorities = files.authority
    return configuration
  }

  /// A client that trusts the authority, of a server for the time of `body`.
  private func withTLS(
    _ server: ServerTLS.Configuration, client files: TLSFiles?, authorityText: String? = nil,
    router: Router = .echo,
    _ body: (GRPCClient) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let listener = GRPCServer.Listener(
      .init(host: "127.0.0.1", port: 0), tls: try ServerTLS(server))
    let server = GRPCServer(
      configuration: .init(listeners: [listener]), router: router, group: group, logger: .silent)
    let endpoint = try #require(try await Endpoint(server.start()[0]))
    var configuration = GRPCClient.Configuration(endpoint)
    var credentials = ClientTLS.Configuration()
    credentials.authorities = authorityText == nil ? self.files.authority : nil
    credentials.authoritiesText = authorityText
    credentials.files = files
    configuration.tls = try ClientTLS(credentials)
    let client = GRPCClient(configuration, group: group, logger: .silent)
    do { try await body(client) } catch { Issue.record(error) }
    await client.close()
    await server.shutdown(drainFor: .zero)
  }

  @Test func `messages of 4 MiB pass both ways`() async throws {
    try await withTLS(.init(files: files.server), client: nil) { client in
      let message = ByteBuffer(repeating: 7, count: 4 * 1024 * 1024)
      let echo = try await client.unary("/test.Echo/Unary", message)
      #expect(echo == message)
    }
  }

  @Test func `an authority may be given as text`() async throws {
    let text = files.authorityText
    try await withTLS(.init(files: files.server), client: nil, authorityText: text) { client in
      _ = try await client.unary("/test.Echo/Unary", ByteBuffer())
    }
    var nothing = ClientTLS.Configuration()
    nothing.authoritiesText = "-----BEGIN CERTIFICATE-----\nnothing\n-----END CERTIFICATE-----\n"
    let error = #expect(throws: TLSError.self) { try ClientTLS(nothing) }
    #expect(error?.description == "there is no certificate in PEM form")
  }

  @Test func `a handler sees who the client proved to be`() async throws {
    var router = Router()
    router.unary("/test.Who/Am") { call, _ in
      let identity = try #require(call.peerIdentity)
      let names = identity.uris + identity.dnsNames + identity.emailAddresses
      return ByteBuffer(string: names.joined(separator: " "))
    }
    try await withTLS(mutual, client: files.client, router: router) { client in
      let names = try await client.unary("/test.Who/Am", ByteBuffer()).text
      #expect(
        names == "spiffe://dispatch.test/worker worker.dispatch.test worker@dispatch.test")
    }
  }

  @Test func `without mutual TLS there is no identity, whatever the client has`() async throws {
    var router = Router()
    router.unary("/test.Who/Am") { call, _ in
      ByteBuffer(string: call.peerIdentity == nil ? "nobody" : "somebody")
    }
    try await withTLS(.init(files: files.server), client: files.client, router: router) { client in
      let name = try await client.unary("/test.Who/Am", ByteBuffer()).text
      #expect(name == "nobody")
    }
  }

  @Test func `a client without a certificate is refused where one is asked for`() async throws {
    try await withTLS(mutual, client: nil) { client in
      let error = await rpcError { _ = try await client.unary("/test.Echo/Unary", ByteBuffer()) }
      #expect(error?.code == .unavailable)
    }
  }

  @Test func `a server without TLS closes the handshake, and the error says so`() async throws {
    try await withLoopback(.echo) { server, _ in
      let endpoint = try #require(Endpoint(server.addresses[0]))
      var configuration = GRPCClient.Configuration(endpoint)
      configuration.tls = try ClientTLS(.init())
      let group = MultiThreadedEventLoopGroup.singleton
      let client = GRPCClient(configuration, group: group, logger: .silent)
      let error = await rpcError { _ = try await client.unary("/test.Echo/Unary", ByteBuffer()) }
      #expect(
        error?.message == "cannot connect to \(endpoint): "
          + "it closed the connection before the handshake was over")
      await client.close()
    }
  }

  /// A server's channel with TLS before it, and what became of the handshake.
  private func secured() throws -> (channel: EmbeddedChannel, reasons: Reasons) {
    let channel = EmbeddedChannel()
    let reasons = Reasons()
    try ServerTLS(.init(files: files.server)).addHandlers(to: channel) {
      if case .failure(let error) = $0 { reasons.all.append("\(error)") }
    }
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    return (channel, reasons)
  }

  private final class Reasons { var all: [String] = [] }

  @Test(arguments: ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", "POST /x HTTP/1.0\r\n\r\n"])
  func `HTTP/1 without TLS gets a readable answer and is closed`(_ request: String) throws {
    let (channel, reasons) = try secured()
    #expect(throws: TLSError.self) { try channel.writeInbound(ByteBuffer(string: request)) }
    let answer = String(buffer: try #require(try channel.readOutbound(as: ByteBuffer.self)))
    let body = "this port speaks gRPC: HTTP/2 over TLS, ALPN h2\n"
    #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    #expect(
      answer.hasSuffix("content-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"))
    #expect(reasons.all == ["it talks HTTP without TLS"])
    channel.embeddedEventLoop.run()
    #expect(!channel.isActive)
  }

  @Test func `what is neither HTTP/1 nor TLS is left to TLS`() throws {
    let (channel, reasons) = try secured()
    #expect(throws: (any Error).self) { try channel.writeInbound(ByteBuffer(string: "hello, you")) }
    #expect(reasons.all == ["it does not talk TLS"])
    channel.embeddedEventLoop.run()
    #expect(!channel.isActive)
  }

  @Test func `files that changed are seen, and bad ones leave what there was`() throws {
    let tls = try ServerTLS(.init(files: files.server))
    #expect(!tls.hasChanged)
    try files.write(CertificateFiles.texts["client.key"]!, to: "server.key")
    #expect(tls.hasChanged)
    #expect(throws: TLSError.self) { try tls.reload() }
    // It was read: it is complained of once.
    #expect(!tls.hasChanged)
    try files.write(CertificateFiles.texts["client.pem"]!, to: "server.pem")
    #expect(tls.hasChanged)
    try tls.reload()
    #expect(!tls.hasChanged)
  }
}
