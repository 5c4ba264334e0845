import GRPC
import Glibc
import Logging
import NIOCore
import NIOPosix

/// A gRPC server that answers with what it was sent, to measure the transport alone.
///
/// Usage: `echo-server [threads]`. One line on stdout says the port. Methods of `/echo.Echo/`:
/// `Unary`, `Collect` (all bytes as one message), `Stream` (the message a million times), `Chat`.
@main
struct EchoServer {
  static let streamedMessages = 1_000_000

  /// Not async: under valgrind the main thread must not end (it would in `dispatchMain`).
  static func main() throws {
    let threads = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
    let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    let server = GRPCServer(
      configuration: .init(addresses: [.init(host: "127.0.0.1", port: 0)]), router: router(),
      group: group, logger: Logger(label: "echo"))
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
      for _ in 0..<streamedMessages { try await writer.write(message) }
    }
    router.bidirectional("/echo.Echo/Chat") { _, requests, writer in
      for try await message in requests { try await writer.write(message) }
    }
    return router
  }
}
