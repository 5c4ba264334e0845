import CZlib
import NIOCore
import Testing

@testable import GRPC

/// doc/compression.md of gRPC, over real sockets and by single messages.
struct CompressionTests {
  private static let text = String(repeating: "the same words again, ", count: 2_000)

  @Test(arguments: [MessageEncoding.gzip, .deflate], [MessageEncoding.gzip, .deflate, .identity])
  func `messages of every kind of call come through both ways`(
    request: MessageEncoding, response: MessageEncoding
  ) async throws {
    var limits = ServerLimits()
    limits.responseEncoding = response
    var clientLimits = ClientLimits()
    clientLimits.requestEncoding = request
    try await withLoopback(.echo, limits: limits, clientLimits: clientLimits) { _, client in
      let message = ByteBuffer(string: Self.text)
      let answer = try await client.unary("/test.Echo/Unary", message)
      #expect(answer == message)
      var count = 0
      for try await answer in client.serverStreaming("/test.Echo/Repeat", message) {
        #expect(answer == message)
        count += 1
      }
      #expect(count == 10)
      let all = try await client.clientStreaming("/test.Echo/Collect") { requests in
        for _ in 0..<3 { try await requests.write(message) }
      }
      #expect(all.readableBytes == 3 * message.readableBytes)
    }
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func `what is compressed is smaller, and inflates to what it was`(
    encoding: MessageEncoding
  ) throws {
    let message = ByteBuffer(string: Self.text)
    let compressed = try #require(Codecs.ofThisThread.deflater(encoding).compress(message))
    #expect(compressed.readableBytes < message.readableBytes / 10)
    let limit = message.readableBytes
    #expect(
      try Codecs.ofThisThread.inflater.inflate(compressed, encoding, bytesMax: limit) == message)
  }

  @Test func `what does not shrink is left as it is`() {
    var random = SystemRandomNumberGenerator()
    let noise = ByteBuffer(
      bytes: (0..<4_096).map { _ in UInt8.random(in: 0...255, using: &random) })
    #expect(Codecs.ofThisThread.deflater(.gzip).compress(noise) == nil)
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func `a message that inflates to one byte over the limit is RESOURCE_EXHAUSTED`(
    encoding: MessageEncoding
  ) throws {
    let message = ByteBuffer(bytes: [UInt8](repeating: 7, count: 100_000))
    let compressed = try #require(Codecs.ofThisThread.deflater(encoding).compress(message))
    for (limit, isFine) in [(100_000, true), (99_999, false), (1, false), (0, false)] {
      let error = inflateError(compressed, encoding, limit)
      #expect(error?.code == (isFine ? nil : .resourceExhausted), "limit \(limit)")
    }
  }

  /// 10 GiB of zeros would be some 10 MB; the server must not hold more than its message limit.
  @Test func `a bomb ends the call, and the connection serves the next`() async throws {
    var limits = ServerLimits()
    limits.messageBytesMax = 64 * 1024
    var clientLimits = ClientLimits()
    clientLimits.requestEncoding = .gzip
    try await withLoopback(.echo, limits: limits, clientLimits: clientLimits) { _, client in
      let bomb = ByteBuffer(bytes: [UInt8](repeating: 0, count: 32 << 20))
      let error = await rpcError { _ = try await client.unary("/test.Echo/Unary", bomb) }
      #expect(error?.code == .resourceExhausted)
      let next = try await client.unary("/test.Echo/Unary", ByteBuffer(string: "a"))
      #expect(next.text == "a")
    }
  }

  @Test(arguments: [MessageEncoding.gzip, .deflate])
  func `cut, damaged and prolonged data is INTERNAL`(encoding: MessageEncoding) throws {
    let message = ByteBuffer(string: Self.text)
    let good = Array(
      try #require(Codecs.ofThisThread.deflater(encoding).compress(message)).readableBytesView)
    var damaged = good
    damaged[good.count / 2] ^= 0x55
    for bytes in [Array(good.dropLast()), good + [0], damaged, [], [1, 2, 3]] {
      let error = inflateError(ByteBuffer(bytes: bytes), encoding, 1 << 20)
      #expect(error?.code == .internal, "\(bytes.count) bytes")
    }
  }

  @Test func `a client that does not take the server's encoding gets plain messages`() async throws
  {
    var limits = ServerLimits()
    limits.responseEncoding = .gzip
    var router = Router()
    router.unary("/test.Echo/Unary") { call, message in
      call.setCompression(.identity)
      return message
    }
    try await withLoopback(router, limits: limits) { _, client in
      let message = ByteBuffer(string: Self.text)
      let answer = try await client.unary("/test.Echo/Unary", message)
      #expect(answer == message)
    }
  }

  private func inflateError(
    _ bytes: ByteBuffer, _ encoding: MessageEncoding, _ limit: Int
  ) -> RPCError? {
    do throws(RPCError) {
      _ = try Codecs.ofThisThread.inflater.inflate(bytes, encoding, bytesMax: limit)
      return nil
    } catch {
      return error
    }
  }
}
