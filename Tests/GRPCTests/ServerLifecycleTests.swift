import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import GRPC

/// Starting, limits and stopping, over real sockets.
@Suite struct ServerLifecycleTests {
  /// A server whose method `/test.Slow/Wait` says that it started and waits for `release`.
  private func slowRouter(started: Signal, release: Signal) -> Router {
    var router = Router.echo
    router.unary("/test.Slow/Wait") { _, message in
      started.fire()
      await release.wait()
      try Task.checkCancellation()
      return message
    }
    return router
  }

  @Test func `shutdown lets an open call finish`() async throws {
    let (started, release) = (Signal(), Signal())
    try await withLoopback(slowRouter(started: started, release: release)) { server, client in
      async let reply = client.unary("/test.Slow/Wait", ByteBuffer(string: "done"))
      await started.wait()
      async let stopped: Void = server.shutdown(drainFor: .seconds(30))
      release.fire()
      let text = try await reply.text
      await stopped
      #expect(text == "done")
      #expect(await server.activity() == .init())
    }
  }

  @Test func `shutdown cuts what is left at its deadline and cancels the handlers`() async throws {
    let (started, release) = (Signal(), Signal())
    try await withLoopback(slowRouter(started: started, release: release)) { server, client in
      async let outcome = rpcError {
        _ = try await client.unary("/test.Slow/Wait", ByteBuffer())
      }
      await started.wait()
      // `release` never fires: only its cancellation lets the handler return.
      await server.shutdown(drainFor: .milliseconds(50))
      #expect(await outcome?.code == .unavailable)
      #expect(await server.activity() == .init())
    }
  }

  @Test func `a stopped server accepts no connection`() async throws {
    try await withLoopback(.echo) { server, client in
      _ = try await client.unary("/test.Echo/Unary", ByteBuffer())
      await server.shutdown(drainFor: .seconds(5))
      let error = await rpcError { _ = try await client.unary("/test.Echo/Unary", ByteBuffer()) }
      #expect(error?.code == .unavailable)
    }
  }

  /// It would outlast the drain, and whatever its client put on it would fail at the end of that.
  @Test func `a connection that is set up after the listeners have closed is not taken`()
    async throws
  {
    let server = GRPCServer(
      configuration: .init(addresses: []), router: .echo,
      group: MultiThreadedEventLoopGroup.singleton, logger: .silent)
    #expect(try isTaken(by: server))
    await server.shutdown(drainFor: .zero)
    #expect(try !isTaken(by: server))
  }

  private func isTaken(by server: GRPCServer) throws -> Bool {
    let channel = EmbeddedChannel()
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    try server.accept(channel)
    channel.embeddedEventLoop.run()
    defer { _ = try? channel.finish() }
    return channel.isActive
  }

  @Test func `an address that is taken is an error, and nothing stays bound`() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    func server(_ ports: [Int]) -> GRPCServer {
      GRPCServer(
        configuration: .init(addresses: ports.map { .init(host: "127.0.0.1", port: $0) }),
        router: .echo, group: group, logger: .silent)
    }
    let first = server([0, 0])
    let addresses = try await first.start()
    #expect(addresses.count == 2)
    let second = server([0, addresses[0].port!])
    await #expect(throws: (any Error).self) { try await second.start() }
    await first.shutdown(drainFor: .zero)
    // Both ports are free again.
    let third = server(addresses.map { $0.port! })
    _ = try await third.start()
    await third.shutdown(drainFor: .zero)
  }

  @Test func `a connection over the bound is closed and those before it live on`() async throws {
    var limits = ServerLimits()
    limits.connectionsMax = 1
    try await withLoopback(.echo, limits: limits) { server, client in
      _ = try await client.unary("/test.Echo/Unary", ByteBuffer())
      let port = server.addresses[0].port!
      let other = GRPCClient(
        .init(host: "127.0.0.1", port: port), group: MultiThreadedEventLoopGroup.singleton,
        logger: .silent)
      let error = await rpcError { _ = try await other.unary("/test.Echo/Unary", ByteBuffer()) }
      #expect(error?.code == .unavailable)
      await other.close()
      let reply = try await client.unary("/test.Echo/Unary", ByteBuffer(string: "alive"))
      #expect(reply.text == "alive")
    }
  }

  @Test func `a handler stays on the loop of its connection, also after an actor`() async throws {
    actor Counter {
      var value = 0
      func next() -> Int {
        value += 1
        return value
      }
    }
    let counter = Counter()
    var router = Router()
    router.unary("/test.Loop/Where") { call, _ in
      let before = call.eventLoop.inEventLoop
      _ = await counter.next()
      let after = call.eventLoop.inEventLoop
      await Task.yield()
      return ByteBuffer(string: "\(before) \(after) \(call.eventLoop.inEventLoop)")
    }
    try await withLoopback(router) { _, client in
      let reply = try await client.unary("/test.Loop/Where", ByteBuffer())
      #expect(reply.text == "true true true")
    }
  }

  @Test func `messages may be written and read by tasks of other executors`() async throws {
    var router = Router()
    router.bidirectional("/test.Loop/Detached") { _, requests, writer in
      try await Task.detached {
        for try await message in requests { try await writer.write(message) }
      }.value
    }
    try await withLoopback(router) { _, client in
      let (requests, responses) = client.bidirectional("/test.Loop/Detached")
      for index in 0..<500 { try await requests.write(ByteBuffer(string: "\(index)")) }
      requests.finish()
      var next = 0
      for try await message in responses {
        #expect(message.text == "\(next)")
        next += 1
      }
      #expect(next == 500)
    }
  }

  @Test func `after a thousand cancelled calls nothing is left`() async throws {
    var router = Router()
    router.serverStreaming("/test.Endless/Stream") { _, message, writer in
      while true { try await writer.write(message) }
    }
    try await withLoopback(router) { server, client in
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<1_000 {
          group.addTask {
            let responses = client.serverStreaming(
              "/test.Endless/Stream", ByteBuffer(repeating: 1, count: 1_000))
            var iterator = responses.makeAsyncIterator()
            _ = try? await iterator.next()
          }
        }
      }
      await client.close()
      await server.shutdown(drainFor: .seconds(5))
      #expect(await server.activity() == .init())
    }
  }
}
