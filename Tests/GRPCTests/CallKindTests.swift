import NIOCore
import Testing

@testable import GRPC

/// The four kinds of calls, over real sockets.
@Suite struct CallKindTests {
  @Test func `a unary call returns the handler's message`() async throws {
    try await withLoopback(.echo) { _, client in
      let reply = try await client.unary("/test.Echo/Unary", ByteBuffer(string: "hello"))
      #expect(reply.text == "hello")
    }
  }

  @Test func `an empty message and one of many frames arrive whole`() async throws {
    try await withLoopback(.echo) { _, client in
      let empty = try await client.unary("/test.Echo/Unary", ByteBuffer())
      #expect(empty.readableBytes == 0)
      let large = ByteBuffer(repeating: 7, count: 3_000_000)
      let echoed = try await client.unary("/test.Echo/Unary", large)
      #expect(echoed == large)
    }
  }

  @Test func `server streaming delivers every message in order`() async throws {
    var router = Router()
    router.serverStreaming("/test.Count/Up") { _, _, writer in
      for index in 0..<5_000 { try await writer.write(ByteBuffer(string: "\(index)")) }
    }
    try await withLoopback(router) { _, client in
      var next = 0
      for try await message in client.serverStreaming("/test.Count/Up", ByteBuffer()) {
        #expect(message.text == "\(next)")
        next += 1
      }
      #expect(next == 5_000)
    }
  }

  @Test func `client streaming delivers every message in order`() async throws {
    try await withLoopback(.echo) { _, client in
      let reply = try await client.clientStreaming("/test.Echo/Collect") { writer in
        for word in ["one ", "two ", "three"] { try await writer.write(ByteBuffer(string: word)) }
      }
      #expect(reply.text == "one two three")
    }
  }

  @Test func `a bidirectional call goes back and forth`() async throws {
    try await withLoopback(.echo) { _, client in
      let (requests, responses) = client.bidirectional("/test.Echo/Chat")
      var iterator = responses.makeAsyncIterator()
      for word in ["ping", "pong", "ping"] {
        try await requests.write(ByteBuffer(string: word))
        #expect(try await iterator.next()?.text == word)
      }
      requests.finish()
      #expect(try await iterator.next() == nil)
    }
  }

  @Test func `many calls at once on one connection all get their own answer`() async throws {
    try await withLoopback(.echo) { server, client in
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for index in 0..<2_000 {
          group.addTask {
            let text = "call \(index)"
            return try await client.unary("/test.Echo/Unary", ByteBuffer(string: text)).text == text
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      #expect(await server.activity().connections == 1)
    }
  }

  @Test func `metadata goes both ways`() async throws {
    var router = Router()
    router.unary("/test.Meta/Data") { call, message in
      call.setInitialMetadata(["x-first": call.metadata["x-name"] ?? "none"])
      var trailers: Metadata = ["x-path": call.path]
      try trailers.add(binary: call.metadata.binaries(named: "x-bytes-bin")[0], for: "x-back-bin")
      call.setTrailers(trailers)
      return message
    }
    try await withLoopback(router) { _, client in
      var metadata: Metadata = ["x-name": "value"]
      try metadata.add(binary: [0, 255, 7], for: "x-bytes-bin")
      let responses = client.serverStreaming(
        "/test.Meta/Data", ByteBuffer(string: "m"), metadata: metadata)
      for try await _ in responses {}
      #expect(await responses.initialMetadata["x-first"] == "value")
      #expect(await responses.trailingMetadata["x-path"] == "/test.Meta/Data")
      #expect(await responses.trailingMetadata.binaries(named: "x-back-bin") == [[0, 255, 7]])
    }
  }
}
