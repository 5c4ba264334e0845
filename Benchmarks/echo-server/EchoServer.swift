import GRPC
import Glibc
import Logging
import NIOCore
import NIOPosix

/// A gRPC server that answers with what it was sent, to measure the transport alone.
///
/// Usage: `echo-server [threads] [--tls CERTIFICATE KEY]`. One line on stdout says the port. Methods
/// of `/echo.Echo/`: `Unary`, `Collect` (all bytes as one message), `Stream` (the message as many
/// times as its first four bytes say), `Chat`.
///
/// The limits are the defaults of every server, but for the numbers of connections.
@main
struct EchoServer {
  /// Not async: under valgrind the main thread must not end (it would in `dispatchMain`).
  static func main() throws {
    let arguments = CommandLine.arguments
    let threads = arguments.dropFirst().first.flatMap { Int($0) } ?? 1
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    var tls: ServerTLS?
    if let flag = arguments.firstIndex(of: "--tls"), arguments.count > flag + 2 {
      let files = TLSFiles(certificate: arguments[flag + 1], key: arguments[flag + 2])
      tls = try ServerTLS(.init(files: files))
    }
    let listener = GRPCServer.Listener(.init(host: "127.0.0.1", port: 0), tls: tls)
    var configuration = GRPCServer.Configuration(listeners: [listener])
    configuration.limits.connectionsMax = 20_000
    configuration.limits.connectionsPerPeerMax = 20_000
    let server = GRPCServer(
      configuration: configuration, router: router(), group: group, logger: Logger(label: "echo"))
    Task.detached {
      let addresses = try await server.start()
      print("listening on port \(addresses[0].port!)")
      fflush(nil)
    }
    while true { sleep(3600) }
  }

  static func router() -> Router {
    var router = Router()
    router.unary("/echo.Echo/Unary") { _, message in message }
    router.clientStreaming("/echo.Echo/Collect") { _, requests in
      var all = ByteBuffer()
      for try await var message in requests { all.writeBuffer(&message) }
      return all
    }
    router.serverStreaming("/echo.Echo/Stream") { _, message, writer in
      let count: UInt32 = message.getInteger(at: message.readerIndex) ?? 0
      for _ in 0..<count { try await writer.write(message) }
    }
    router.bidirectional("/echo.Echo/Chat") { _, requests, writer in
      for try await message in requests { try await writer.write(message) }
    }
    return router
  }
}
