import NIOCore
import Testing

@testable import GRPC

/// How calls that fail end, over real sockets.
@Suite struct StatusTests {
  private struct DomainError: RPCErrorConvertible {
    var rpcError: RPCError { RPCError(.failedPrecondition, "in use") }
  }

  private struct Surprise: Error { let secret = "password" }

  private static var router: Router {
    var router = Router()
    router.unary("/test.Fail/Status") { _, _ in
      throw RPCError(
        .notFound, "no such event: Größe 100%\n", statusDetails: [8, 5, 0, 255],
        trailers: ["x-hint": "create it"])
    }
    router.unary("/test.Fail/Domain") { _, _ in throw DomainError() }
    router.unary("/test.Fail/Surprise") { _, _ in throw Surprise() }
    router.serverStreaming("/test.Fail/Late") { _, message, writer in
      try await writer.write(message)
      try await writer.write(message)
      throw RPCError(.aborted, "halfway")
    }
    return router
  }

  @Test func `a thrown status reaches the client with details and trailers`() async throws {
    try await withLoopback(Self.router) { _, client in
      let error = await rpcError { _ = try await client.unary("/test.Fail/Status", ByteBuffer()) }
      #expect(error?.code == .notFound)
      #expect(error?.message == "no such event: Größe 100%\n")
      #expect(error?.statusDetails == [8, 5, 0, 255])
      #expect(error?.trailers["x-hint"] == "create it")
    }
  }

  @Test func `a domain error chooses its own status`() async throws {
    try await withLoopback(Self.router) { _, client in
      let error = await rpcError { _ = try await client.unary("/test.Fail/Domain", ByteBuffer()) }
      #expect((error?.code, error?.message) == (.failedPrecondition, "in use"))
      #expect(error?.isFromServer == true)
    }
  }

  @Test func `an unforeseen error is INTERNAL and tells nothing of itself`() async throws {
    try await withLoopback(Self.router) { _, client in
      let error = await rpcError { _ = try await client.unary("/test.Fail/Surprise", ByteBuffer()) }
      #expect(error?.code == .internal)
      #expect(error?.message.contains("password") == false)
    }
  }

  @Test func `messages before a late failure are still delivered`() async throws {
    try await withLoopback(Self.router) { _, client in
      var received = 0
      let error = await rpcError {
        let message = ByteBuffer(string: "m")
        for try await _ in client.serverStreaming("/test.Fail/Late", message) { received += 1 }
      }
      #expect(received == 2)
      #expect((error?.code, error?.message) == (.aborted, "halfway"))
    }
  }

  @Test func `an unknown method is UNIMPLEMENTED and the connection lives on`() async throws {
    try await withLoopback(.echo) { server, client in
      let error = await rpcError { _ = try await client.unary("/test.Echo/Nope", ByteBuffer()) }
      #expect((error?.code, error?.message) == (.unimplemented, "unknown method /test.Echo/Nope"))
      _ = try await client.unary("/test.Echo/Unary", ByteBuffer())
      #expect(await server.activity().connections == 1)
    }
  }

  @Test func `a message at the limit passes and one byte more is RESOURCE_EXHAUSTED`() async throws
  {
    var limits = ServerLimits()
    limits.messageBytesMax = 1_000
    try await withLoopback(.echo, limits: limits) { server, client in
      let atLimit = ByteBuffer(repeating: 1, count: 1_000)
      let first = try await client.unary("/test.Echo/Unary", atLimit)
      #expect(first == atLimit)
      let error = await rpcError {
        _ = try await client.unary("/test.Echo/Unary", ByteBuffer(repeating: 1, count: 1_001))
      }
      #expect(error?.code == .resourceExhausted)
      let next = try await client.unary("/test.Echo/Unary", atLimit)
      #expect(next == atLimit)
      #expect(await server.activity().connections == 1)
    }
  }

  @Test func `a response over the client's limit is RESOURCE_EXHAUSTED`() async throws {
    var limits = ClientLimits()
    limits.messageBytesMax = 10
    try await withLoopback(.echo, clientLimits: limits) { _, client in
      let error = await rpcError {
        _ = try await client.unary("/test.Echo/Unary", ByteBuffer(repeating: 1, count: 11))
      }
      #expect(error?.code == .resourceExhausted)
      let next = try await client.unary("/test.Echo/Unary", ByteBuffer(string: "ok"))
      #expect(next.text == "ok")
    }
  }
}
