import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import NIOPosix

/// The echo server on grpc-swift-2 and its NIO transport: one event loop, messages as plain bytes.
/// Methods and arguments are those of `Benchmarks/echo-server`.
@main
struct GRPCSwiftEcho {
  static func main() async throws {
    let transport = HTTP2ServerTransport.Posix(
      address: .ipv4(host: "127.0.0.1", port: 0),
      transportSecurity: security(CommandLine.arguments),
      eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    let server = GRPCServer(transport: transport, services: [Echo()])
    async let served: Void = server.serve()
    print("listening on port \(try await transport.listeningAddress.ipv4!.port)")
    fflush(nil)
    try await served
  }

  static func security(
    _ arguments: [String]
  ) -> HTTP2ServerTransport.Posix.TransportSecurity {
    guard arguments.count == 4, arguments[1] == "--tls" else { return .plaintext }
    return .tls(
      certificateChain: [.file(path: arguments[2], format: .pem)],
      privateKey: .file(path: arguments[3], format: .pem))
  }
}

struct Echo: RegistrableRPCService {
  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    let service = ServiceDescriptor(fullyQualifiedService: "echo.Echo")
    router.registerHandler(
      forMethod: MethodDescriptor(service: service, method: "Unary"),
      deserializer: PlainBytes(), serializer: PlainBytes()
    ) { request, _ in
      let single = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: single.message))
    }
    router.registerHandler(
      forMethod: MethodDescriptor(service: service, method: "Stream"),
      deserializer: PlainBytes(), serializer: PlainBytes()
    ) { request, _ in
      let message = try await ServerRequest(stream: request).message
      let count = message.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      return StreamingServerResponse { writer in
        for _ in 0..<count { try await writer.write(message) }
        return [:]
      }
    }
  }
}

struct PlainBytes: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes {
    Bytes(message)
  }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
    bytes.withUnsafeBytes { [UInt8]($0) }
  }
}
