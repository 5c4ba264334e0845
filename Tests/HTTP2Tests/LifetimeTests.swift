import TestSupport
import Testing

@testable import HTTP2

/// Who holds a stream, and for how long.
@Suite struct LifetimeTests {
  @Test func `a session that goes away lets go of its open streams`() throws {
    weak var stream: HTTP2Stream?
    do {
      let (client, server) = try connectedPair()
      stream = try client.request("never answered")
      try exchange(client, server)
      #expect(stream != nil)
    }
    #expect(stream == nil)
  }

  @Test func `a stream whose headers never ended is let go of with its connection`() throws {
    let server = Peer(.server)
    try server.receive(RawFrame.preface + RawFrame.settings())
    let start = RawFrame.headers(RawFrame.requestFields, stream: 1, isComplete: false)
    try server.receive(start)
    weak var stream: HTTP2Stream?
    server.session.forEachOpenStream { stream = $0 }
    #expect(stream != nil)
    server.session.closeStreams(.cancel)
    server.drainEvents()
    #expect(stream == nil)
  }

  @Test func `a closed stream is let go of at once`() throws {
    let (client, server) = try connectedPair()
    weak let stream = try client.request("")
    try exchange(client, server)
    server.session.submitResponse(
      Peer.responseHead, on: try #require(server.streams[1]), hasBody: false)
    try exchange(client, server)
    #expect(stream == nil)
  }

  @Test func `the loss of the connection closes every stream, and then nothing happens`() throws {
    let (client, server) = try connectedPair()
    try client.request("a")
    try client.request("b")
    try exchange(client, server)
    _ = server.takeLog()
    server.session.closeStreams(.cancel)
    server.drainEvents()
    #expect(server.takeLog().sorted() == ["closed 1 CANCEL", "closed 3 CANCEL"])
    #expect(try server.output().isEmpty)
    try server.receive(RawFrame.ping)
    #expect(server.takeLog().isEmpty)
    #expect(server.isFinished)
  }

  @Test func `what is submitted on a closed stream is dropped`() throws {
    let (client, server) = try connectedPair()
    let request = try client.request("")
    try exchange(client, server)
    let stream = try #require(server.streams[1])
    client.session.reset(request, .cancel)
    try exchange(client, server)
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
    server.session.resume(stream)
    server.session.consume(10, on: stream)
    server.session.reset(stream, .cancel)
    #expect(try server.output().isEmpty)
  }

  @Test func `open streams keep their places as others close in any order`() throws {
    let (client, server) = try connectedPair()
    var requests = try (0..<20).map { try client.request("\($0)") }
    try exchange(client, server)
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    while !requests.isEmpty {
      let index = Int.random(in: requests.indices, using: &random)
      client.session.reset(requests.remove(at: index), .cancel)
      try exchange(client, server)
      #expect(client.openStreamCount == requests.count)
      var seen: Set<Int32> = []
      server.session.forEachOpenStream { seen.insert($0.id) }
      #expect(seen == Set(requests.map(\.id)), "seed \(seed)")
    }
  }
}
