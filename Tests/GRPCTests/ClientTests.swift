import HTTP2
import NIOCore
import NIOPosix
import Testing

@testable import GRPC

@Suite struct ClientTests {
  private func router(started: Signal, cancelled: Signal) -> Router {
    var router = Router.echo
    router.clientStreaming("/test.Wait/Forever") { _, requests in
      started.fire()
      defer { cancelled.fire() }
      for try await _ in requests {}
      return ByteBuffer()
    }
    return router
  }

  @Test func `a server that is not there is UNAVAILABLE`() async throws {
    let client = GRPCClient(
      .init(host: "127.0.0.1", port: 1), group: MultiThreadedEventLoopGroup.singleton,
      logger: .silent)
    for _ in 0..<2 {
      let error = await rpcError { _ = try await client.unary("/a/B", ByteBuffer()) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.hasPrefix("cannot connect to 127.0.0.1:1") == true)
    }
    await client.close()
  }

  @Test func `a client that is closed makes no more calls`() async throws {
    try await withLoopback(.echo) { _, client in
      _ = try await client.unary("/test.Echo/Unary", ByteBuffer())
      await client.close()
      let error = await rpcError { _ = try await client.unary("/test.Echo/Unary", ByteBuffer()) }
      #expect(error?.code == .unavailable)
    }
  }

  @Test func `after the server has gone and come back the next call connects again`() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    func server(_ port: Int) -> GRPCServer {
      GRPCServer(
        configuration: .init(addresses: [.init(host: "127.0.0.1", port: port)]), router: .echo,
        group: group, logger: .silent)
    }
    let first = server(0)
    let port = try await first.start()[0].port!
    let client = GRPCClient(host: "127.0.0.1", port: port, group: group)
    _ = try await client.unary("/test.Echo/Unary", ByteBuffer())
    await first.shutdown(drainFor: .seconds(5))
    let second = server(port)
    _ = try await second.start()
    // The client may learn of the loss by this very call; the one after it must work.
    _ = try? await client.unary("/test.Echo/Unary", ByteBuffer())
    let reply = try await client.unary("/test.Echo/Unary", ByteBuffer(string: "back"))
    #expect(reply.text == "back")
    await client.close()
    await second.shutdown(drainFor: .zero)
  }

  @Test func `cancelling the waiting task resets the call`() async throws {
    let (started, cancelled) = (Signal(), Signal())
    try await withLoopback(router(started: started, cancelled: cancelled)) { server, client in
      let call = Task {
        await rpcError {
          _ = try await client.clientStreaming("/test.Wait/Forever") { _ in
            await Signal().wait()
          }
        }
      }
      await started.wait()
      call.cancel()
      #expect(await call.value?.code == .cancelled)
      await cancelled.wait()
      #expect(await client.openStreams == 0)
      #expect(await server.activity().openStreams == 0)
    }
  }

  @Test func `letting go of the responses resets the call`() async throws {
    let (started, cancelled) = (Signal(), Signal())
    try await withLoopback(router(started: started, cancelled: cancelled)) { _, client in
      func startAndLetGo() async throws {
        let (requests, responses) = client.bidirectional("/test.Wait/Forever")
        try await requests.write(ByteBuffer(string: "x"))
        await started.wait()
        withExtendedLifetime(responses) {}
      }
      try await startAndLetGo()
      await cancelled.wait()
    }
  }

  @Test func `a timeout ends the call on both sides`() async throws {
    let router = router(started: Signal(), cancelled: Signal())
    try await withLoopback(router) { server, client in
      let error = await rpcError {
        _ = try await client.clientStreaming(
          "/test.Wait/Forever", options: .init(timeout: .milliseconds(50))
        ) {
          while true { try await $0.write(ByteBuffer(string: "more")) }
        }
      }
      #expect(error?.code == .deadlineExceeded)
      await client.close()
      await server.shutdown(drainFor: .seconds(30))
      #expect(await server.activity() == .init())
    }
  }

  @Test func `a call over the client's bound is RESOURCE_EXHAUSTED`() async throws {
    let (started, cancelled) = (Signal(), Signal())
    var limits = ClientLimits()
    limits.concurrentCallsMax = 1
    let router = router(started: started, cancelled: cancelled)
    try await withLoopback(router, clientLimits: limits) { _, client in
      let (requests, responses) = client.bidirectional("/test.Wait/Forever")
      try await requests.write(ByteBuffer(string: "x"))
      await started.wait()
      let error = await rpcError { _ = try await client.unary("/test.Echo/Unary", ByteBuffer()) }
      #expect(error?.code == .resourceExhausted)
      responses.cancel()
      await cancelled.wait()
    }
  }
}

/// The client's state machine against answers that no server of ours gives.
@Suite struct ClientCallStateTests {
  private func outcome(_ fields: [(String, String)], isLast: Bool) -> RPCError? {
    var block = HeaderBlock()
    for (name, value) in fields { block.append(name, value) }
    var state = ClientCallState()
    guard case .finish(let error) = state.receiveHead(block, isLast: isLast) else { return nil }
    return error
  }

  @Test(
    arguments: [
      (400, .internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
      (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable),
      (500, .unknown), (302, .unknown), (418, .unknown),
    ] as [(Int, StatusCode)])
  func `an HTTP status becomes the gRPC status of the mapping`(_ http: Int, _ code: StatusCode) {
    let error = outcome([(":status", "\(http)"), ("content-type", "text/html")], isLast: false)
    #expect(error?.code == code)
    #expect(error?.message == "the server answered with HTTP status \(http)")
  }

  @Test func `a grpc-status counts for more than the HTTP status`() {
    let error = outcome([(":status", "503"), ("grpc-status", "5")], isLast: true)
    #expect(error?.code == .notFound)
  }

  @Test func `an answer that is not gRPC is UNKNOWN`() {
    let error = outcome([(":status", "200"), ("content-type", "text/html")], isLast: false)
    #expect(error?.code == .unknown)
  }

  /// A server must not be able to end its client: `+0` and `00` once did.
  @Test func `zero in other spellings is OK as a number and UNKNOWN otherwise`() {
    func outcome(of status: String) -> RPCError? {
      self.outcome(
        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", status)],
        isLast: true)
    }
    #expect(outcome(of: "00") == nil)
    #expect(outcome(of: "+0")?.code == .unknown)
    #expect(outcome(of: "-0")?.code == .unknown)
  }

  @Test(arguments: ["17", "-1", "x", "", "4294967296"])
  func `a status that gRPC does not define is UNKNOWN`(_ status: String) {
    let error = outcome(
      [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", status)],
      isLast: true)
    #expect(error?.code == .unknown)
  }

  @Test func `an end without a status is INTERNAL`() {
    var state = ClientCallState()
    let head = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
    _ = state.receiveHead(head, isLast: false)
    guard case .finish(let error) = state.receiveEnd() else {
      Issue.record("the call goes on")
      return
    }
    #expect(error?.code == .internal)
  }

  @Test func `OK in the middle of a message is INTERNAL`() {
    var state = ClientCallState()
    let head = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
    _ = state.receiveHead(head, isLast: false)
    let trailers = HeaderBlock([("grpc-status", "0")])
    guard case .finish(let error) = state.receiveTrailers(trailers, isAtBoundary: false) else {
      Issue.record("the call goes on")
      return
    }
    #expect(error?.code == .internal)
  }

  @Test(
    arguments: [
      (.refusedStream, .unavailable), (.cancel, .cancelled),
      (.enhanceYourCalm, .resourceExhausted), (.inadequateSecurity, .permissionDenied),
      (.protocolError, .internal), (.internalError, .internal), (.noError, .internal),
    ] as [(HTTP2ErrorCode, StatusCode)])
  func `a reset becomes the status of the protocol's table`(
    _ code: HTTP2ErrorCode, _ status: StatusCode
  ) {
    var state = ClientCallState()
    guard case .finish(let error) = state.close(code, loss: nil) else {
      Issue.record("the call goes on")
      return
    }
    #expect(error?.code == status)
  }

  @Test func `the first outcome stands`() {
    var state = ClientCallState()
    guard case .finish = state.finish(RPCError(.deadlineExceeded, "late")) else {
      Issue.record("not finished")
      return
    }
    guard case .nothing = state.close(.cancel, loss: "lost") else {
      Issue.record("a second outcome")
      return
    }
  }
}
