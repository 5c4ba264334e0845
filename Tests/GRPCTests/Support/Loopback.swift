import Logging
import NIOCore
import NIOPosix

@testable import GRPC

/// A server and a client of it on real loopback sockets, for the time of `body`.
func withLoopback(
  _ router: Router, limits: ServerLimits = .init(), clientLimits: ClientLimits = .init(),
  _ body: (GRPCServer, GRPCClient) async throws -> Void
) async throws {
  let group = MultiThreadedEventLoopGroup.singleton
  var configuration = GRPCServer.Configuration(addresses: [.init(host: "127.0.0.1", port: 0)])
  configuration.limits = limits
  let server = GRPCServer(
    configuration: configuration, router: router, group: group, logger: .silent)
  let port = try await server.start()[0].port!
  var clientConfiguration = GRPCClient.Configuration(host: "127.0.0.1", port: port)
  clientConfiguration.limits = clientLimits
  let client = GRPCClient(clientConfiguration, group: group, logger: .silent)
  do {
    try await body(server, client)
  } catch {
    await client.close()
    await server.shutdown(drainFor: .zero)
    throw error
  }
  await client.close()
  await server.shutdown(drainFor: .zero)
}

extension Logger {
  static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// What `body` throws, which must be an ``RPCError``.
func rpcError(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}

/// Something that happens once and that tests wait for instead of sleeping.
final class Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fire() { continuation.finish() }

  /// Returns at once if it has fired; also returns when the waiting task is cancelled.
  func wait() async { for await _ in stream {} }
}
