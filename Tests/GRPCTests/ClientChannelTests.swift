import HTTP2
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import GRPC

/// The client before several servers, before none, and before bad ones.
@Suite struct ClientChannelTests {
  private static let nobody = Endpoint(host: "127.0.0.1", port: 1)
  private let group = MultiThreadedEventLoopGroup.singleton

  private func client(
    _ endpoints: [Endpoint], _ balancing: GRPCClient.Balancing = .pickFirst,
    limits: ClientLimits = .init()
  ) -> GRPCClient {
    var configuration = GRPCClient.Configuration(endpoints: endpoints)
    configuration.balancing = balancing
    configuration.limits = limits
    return GRPCClient(configuration, group: group, logger: .silent)
  }

  /// At an address that no connection of another test has, so that the port stays free for a server
  /// that comes back to it.
  private func server(_ name: String, port: Int = 0) async throws -> (GRPCServer, Endpoint) {
    var router = Router.echo
    router.unary("/test.Who/Am") { _, _ in ByteBuffer(string: name) }
    let server = GRPCServer(
      configuration: .init(addresses: [.init(host: "127.0.0.7", port: port)]), router: router,
      group: group, logger: .silent)
    let address = try await server.start()[0]
    return (server, Endpoint(address)!)
  }

  private func who(_ client: GRPCClient) async throws -> String {
    try await client.unary("/test.Who/Am", ByteBuffer()).text
  }

  // MARK: Balancing

  @Test func `pick first takes the next address when one is not there`() async throws {
    let (server, endpoint) = try await server("b")
    let client = client([Self.nobody, endpoint])
    #expect(try await who(client) == "b")
    await client.close()
    await server.shutdown(drainFor: .zero)
  }

  @Test func `pick first does not wait for an address that says nothing`() async throws {
    let silent = try await PlainServer(speaks: false)
    let (server, endpoint) = try await server("b")
    let client = client([silent.endpoint, endpoint])
    // Less than the ten seconds that an attempt may take.
    let options = CallOptions(timeout: .seconds(9))
    let reply = try await client.unary("/test.Who/Am", ByteBuffer(), options: options)
    #expect(reply.text == "b")
    await client.close()
    await server.shutdown(drainFor: .zero)
    await silent.close()
  }

  @Test func `pick first stays with one server`() async throws {
    let (a, atA) = try await server("a")
    let (b, atB) = try await server("b")
    let client = client([atA, atB])
    // Not always "a": on a busy machine it may take longer to connect than `slowConnect`.
    let first = try await who(client)
    for _ in 0..<10 { #expect(try await who(client) == first) }
    await client.close()
    await a.shutdown(drainFor: .zero)
    await b.shutdown(drainFor: .zero)
  }

  @Test func `round robin spreads calls over all that are there`() async throws {
    let (a, atA) = try await server("a")
    let (b, atB) = try await server("b")
    let client = client([atA, Self.nobody, atB], .roundRobin)
    while await a.activity().connections + b.activity().connections < 2 {
      _ = try await self.who(client)
    }
    // The second connection counts once its SETTINGS are there.
    while try await who(client) == who(client) {}
    var answers: [String: Int] = [:]
    for _ in 0..<20 { answers[try await who(client), default: 0] += 1 }
    #expect(answers == ["a": 10, "b": 10])
    await client.close()
    await a.shutdown(drainFor: .zero)
    await b.shutdown(drainFor: .zero)
  }

  @Test func `the failure names every address`() async throws {
    let other = Endpoint.unix(path: "/nonexistent/socket")
    let client = client([Self.nobody, other])
    let error = await rpcError { _ = try await who(client) }
    #expect(error?.code == .unavailable && error?.isFromServer == false)
    #expect(
      error?.message
        == "cannot connect to 127.0.0.1:1: Connection refused;"
        + " unix:/nonexistent/socket: No such file or directory")
    await client.close()
  }

  @Test func `after a short backoff the next call tries to connect again`() async throws {
    let (first, endpoint) = try await server("first")
    await first.shutdown(drainFor: .zero)
    var limits = ClientLimits()
    (limits.backoffInitial, limits.backoffMax) = (.milliseconds(1), .milliseconds(1))
    let client = client([endpoint], limits: limits)
    #expect(await rpcError { _ = try await who(client) }?.code == .unavailable)
    guard case .tcp(_, let port) = endpoint else { return }
    let (second, _) = try await server("second", port: port)
    // With gRPC's own backoff this would go on for a second.
    var answer: String?
    while answer == nil { answer = try? await who(client) }
    #expect(answer == "second")
    await client.close()
    await second.shutdown(drainFor: .zero)
  }

  @Test func `a server that speaks no HTTP2 is UNAVAILABLE, in words`() async throws {
    var limits = ClientLimits()
    limits.connectTimeout = .milliseconds(100)
    let silent = try await PlainServer(speaks: false)
    let client = client([silent.endpoint], limits: limits)
    let error = await rpcError { _ = try await who(client) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("nobody there spoke HTTP/2") == true)
    await client.close()
    await silent.close()
  }

  // MARK: Waiting

  @Test func `a call that waits for ready is made when the server comes`() async throws {
    let (first, endpoint) = try await server("first")
    await first.shutdown(drainFor: .zero)
    let client = client([endpoint])
    let failed = await rpcError { _ = try await who(client) }
    #expect(failed?.code == .unavailable)
    let call = Task {
      try await client.unary(
        "/test.Who/Am", ByteBuffer(), options: .init(timeout: .seconds(60), waitForReady: true))
    }
    guard case .tcp(_, let port) = endpoint else { return }
    let (second, _) = try await server("second", port: port)
    #expect(try await call.value.text == "second")
    await client.close()
    await second.shutdown(drainFor: .zero)
  }

  @Test func `a waiting call ends at its deadline, when cancelled, and with the client`()
    async throws
  {
    let client = client([Self.nobody])
    func wait(_ timeout: TimeAmount?) async -> StatusCode? {
      await rpcError {
        _ = try await client.unary(
          "/a/B", ByteBuffer(), options: .init(timeout: timeout, waitForReady: true))
      }?.code
    }
    #expect(await wait(.milliseconds(50)) == .deadlineExceeded)
    let cancelled = Task { await wait(nil) }
    cancelled.cancel()
    #expect(await cancelled.value == .cancelled)
    async let left = wait(nil)
    try await Task.sleep(for: .milliseconds(20))
    await client.close()
    #expect(await left == .unavailable)
  }

  @Test func `waiting calls count for the client's bound, ended ones do not`() async throws {
    var limits = ClientLimits()
    limits.concurrentCallsMax = 2
    let client = client([Self.nobody], limits: limits)
    for _ in 0..<20 {
      let error = await rpcError {
        _ = try await client.unary(
          "/a/B", ByteBuffer(), options: .init(timeout: .milliseconds(2), waitForReady: true))
      }
      #expect(error?.code == .deadlineExceeded)
    }
    await client.close()
  }

  // MARK: Transparent retries

  /// Refuses the first `count` calls and answers the others.
  private func refusing(_ count: Int) async throws -> (PlainServer, Counter) {
    let calls = Counter()
    let server = try await PlainServer { session, _, event in
      guard case .head(let stream, _, _) = event else { return }
      if calls.next() < count {
        session.reset(stream, .refusedStream)
      } else {
        session.answer(stream)
      }
    }
    return (server, calls)
  }

  @Test func `a call that was refused is made once more`() async throws {
    let (server, calls) = try await refusing(1)
    let client = client([server.endpoint])
    _ = try await client.unary("/a/B", ByteBuffer(string: "kept"))
    #expect(calls.value == 2)
    await client.close()
    await server.close()
  }

  @Test func `a call that is refused again fails`() async throws {
    let (server, calls) = try await refusing(.max)
    let client = client([server.endpoint])
    let error = await rpcError { _ = try await client.unary("/a/B", ByteBuffer()) }
    #expect(error?.code == .unavailable)
    #expect(calls.value == 2)
    await client.close()
    await server.close()
  }

  @Test func `a call whose messages are gone is not made again`() async throws {
    let (server, calls) = try await refusing(1)
    let client = client([server.endpoint])
    let error = await rpcError {
      _ = try await client.clientStreaming("/a/B") { try await $0.write(ByteBuffer(string: "x")) }
    }
    #expect(error?.code == .unavailable)
    #expect(calls.value == 1)
    await client.close()
    await server.close()
  }

  /// The server takes one call at a time and says after the first that it takes no more: the others
  /// have not left the client.
  @Test func `calls that a GOAWAY kept from being sent are made on another connection`()
    async throws
  {
    let server = try await PlainServer(concurrentStreamsMax: 1) { session, number, event in
      guard case .head(let stream, _, _) = event else { return }
      if number == 0 { session.goAway(.noError) }
      session.answer(stream)
    }
    let client = client([server.endpoint])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 {
        group.addTask { _ = try await client.unary("/a/B", ByteBuffer(string: "kept")) }
      }
      try await group.waitForAll()
    }
    #expect(server.connections == 2)
    await client.close()
    await server.close()
  }

  @Test func `a server restarts behind two addresses and no call fails`() async throws {
    var servers: [GRPCServer] = []
    var endpoints: [Endpoint] = []
    for name in ["a", "b"] {
      let (server, endpoint) = try await server(name)
      servers.append(server)
      endpoints.append(endpoint)
    }
    for balancing in [GRPCClient.Balancing.pickFirst, .roundRobin] {
      let client = client(endpoints, balancing)
      let over = Counter()
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<16 {
          group.addTask {
            var calls = 0
            while over.value == 0 {
              _ = try await self.who(client)
              calls += 1
            }
            return calls
          }
        }
        for round in 0..<6 {
          try await Task.sleep(for: .milliseconds(50))
          let index = round % 2
          guard case .tcp(_, let port) = endpoints[index] else { return }
          await servers[index].shutdown(drainFor: .seconds(30))
          servers[index] = try await server("again", port: port).0
          // Its clients come back to it once they have waited for their backoff, so that there is
          // always one to go to.
          try await Task.sleep(for: .milliseconds(1500))
        }
        _ = over.next()
        var calls = 0
        for try await count in group { calls += count }
        #expect(calls > 100)
      }
      await client.close()
    }
    for server in servers { await server.shutdown(drainFor: .zero) }
  }

  // MARK: Keepalive

  private var probing: ClientLimits {
    var limits = ClientLimits()
    limits.keepaliveTime = .milliseconds(50)
    limits.keepaliveTimeout = .seconds(5)
    return limits
  }

  @Test func `a server that answers PINGs may take its time`() async throws {
    let pings = Counter()
    let server = try await PlainServer { _, _, event in
      if case .ping = event { _ = pings.next() }
    }
    let client = client([server.endpoint], limits: probing)
    let error = await rpcError {
      _ = try await client.unary("/a/B", ByteBuffer(), options: .init(timeout: .seconds(5)))
    }
    #expect(error?.code == .deadlineExceeded)
    #expect(pings.value > 1)
    await client.close()
    await server.close()
  }

  @Test func `a server that has gone deaf is left, and the call fails`() async throws {
    let server = try await PlainServer(isDeafAfterHead: true)
    let client = client([server.endpoint], limits: probing)
    let error = await rpcError {
      _ = try await client.unary("/a/B", ByteBuffer(), options: .init(timeout: .seconds(30)))
    }
    #expect(error?.code == .unavailable)
    #expect(
      error?.message
        == "the connection to \(server.endpoint) was lost: the server does not answer a PING")
    await client.close()
    await server.close()
  }

  @Test func `a client that is told so pings half as often`() async throws {
    let pinged = Mutex<[Int: Int]>([:])
    let server = try await PlainServer { session, number, event in
      guard case .ping = event else { return }
      let count = pinged.withLock {
        $0[number, default: 0] += 1
        return $0[number]!
      }
      if number == 0, count == 1 {
        session.terminate(.enhanceYourCalm, debugData: "too_many_pings")
      }
    }
    let client = client([server.endpoint], limits: probing)
    for _ in 0..<2 {
      _ = await rpcError {
        _ = try await client.unary("/a/B", ByteBuffer(), options: .init(timeout: .seconds(3)))
      }
    }
    // With 100 ms: each is found answered when as much has passed again. It would be thirty with 50 ms.
    let count = pinged.withLock { $0[1] ?? 0 }
    #expect((1...20).contains(count))
    await client.close()
    await server.close()
  }
}

/// Counts from 0.
final class Counter: Sendable {
  private let count = Atomic(0)

  var value: Int { count.load(ordering: .relaxed) }

  func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
}
