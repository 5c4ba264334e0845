import EventCore
import GRPC
import Logging
import Messages
import NIOCore
import NIOPosix

@testable import Runtimes

/// A gRPC function service and a runtime that calls it, for the time of one closure.
struct GRPCFixture {
  /// What the service does for a call.
  typealias Body = @Sendable (ServerCall, InvokeRequest, Speaker) async throws -> Void

  let server: GRPCServer
  let address: String
  let runtime: GRPCRuntime

  static func with(
    _ body: @escaping Body, limits: GRPCChannelLimits = GRPCChannelLimits(),
    _ test: (GRPCFixture) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var router = Router()
    router.serverStreaming("/dispatch.functions.v1.Function/Invoke") { call, bytes, writer in
      let request = try bytes.withUnsafeReadableBytes {
        try InvokeRequest(unpacking: $0, from: .client)
      }
      try await body(call, request, Speaker(writer: writer))
    }
    let server = GRPCServer(
      configuration: .init(addresses: [.init(host: "127.0.0.1", port: 0)]), router: router,
      group: group, logger: logger)
    let port = try await server.start()[0].port!
    let runtime = GRPCRuntime(group: group, limits: limits, logger: logger)
    let fixture = GRPCFixture(server: server, address: "127.0.0.1:\(port)", runtime: runtime)
    let result: Result<Void, any Error>
    do {
      result = .success(try await test(fixture))
    } catch {
      result = .failure(error)
    }
    await runtime.shutdown()
    await server.shutdown(drainFor: .zero)
    try result.get()
  }

  func run(
    at address: String? = nil, data: [UInt8] = [], metadata: [String: String] = [:],
    deadline: Timestamp? = nil, into sink: RecordingSink = RecordingSink()
  ) async -> AttemptResult {
    var target = GRPCTarget()
    target.address = address ?? self.address
    target.metadata = metadata
    var request = AttemptRequest.sample(.grpc(target), data: data)
    request.deadline = deadline
    return await runtime.run(request, into: sink)
  }
}

/// What a service answers with.
struct Speaker: Sendable {
  let writer: ResponseWriter

  func say(_ content: InvokeResponse.Content) async throws {
    try await writer.write(ByteBuffer(bytes: InvokeResponse(content).packed()))
  }
}
