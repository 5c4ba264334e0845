import TestSupport
import Testing

@testable import HTTP2

/// Two sessions back to back.
@Suite struct ExchangeTests {
  @Test func `what waits to be sent is counted, until it is sent or its stream closes`() throws {
    let (client, server) = try connectedPair(client: .init(streamWindowBytes: 100))
    for _ in 0..<2 { try client.request("x") }
    try exchange(client, server)
    let streams = try [1, 3].map { try #require(server.streams[$0]) }
    for stream in streams {
      server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
      stream.append(String(repeating: "x", count: 1_000))
      server.session.resume(stream)
      stream.append("more")
      server.session.resume(stream)
    }
    #expect(server.outboundBytes == 2_008)
    let toClient = try server.output()
    #expect(server.outboundBytes == 1_808)
    try client.receive(toClient)
    server.session.cutShort(streams[0], with: Peer.trailers)
    #expect(server.outboundBytes == 904)
    server.session.reset(streams[1], .cancel)
    _ = try server.output()
    #expect(server.outboundBytes == 0)
  }

  @Test func `a request and its answer with trailers cross, and the stream is gone`() throws {
    let (client, server) = try connectedPair()
    try client.request("hello")
    try exchange(client, server)
    #expect(server.takeLog() == ["head 1", "data 1 hello", "end 1"])
    #expect(server.heads[1]?[":path"] == "/s/M")

    let stream = try #require(server.streams[1])
    stream.append("world")
    stream.body.finish(trailers: Peer.trailers)
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
    try exchange(client, server)
    #expect(client.takeLog() == ["head 1", "data 1 world", "trailers 1 0", "closed 1 NO_ERROR"])
    #expect(server.takeLog() == ["closed 1 NO_ERROR"])
    #expect(client.openStreamCount == 0)
    #expect(server.openStreamCount == 0)
  }

  @Test func `a body waits until more of it is there`() throws {
    let (client, server) = try connectedPair()
    try client.request("")
    try exchange(client, server)
    let stream = try #require(server.streams[1])
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
    try exchange(client, server)
    #expect(client.takeLog() == ["head 1"])
    #expect(stream.body.isDeferred)

    stream.append("late")
    server.session.resume(stream)
    try exchange(client, server)
    #expect(client.takeLog() == ["data 1 late"])
  }

  @Test func `a header section alone can be the whole answer`() throws {
    let (client, server) = try connectedPair()
    try client.request("")
    try exchange(client, server)
    server.session.submitResponse(
      Peer.responseHead, on: try #require(server.streams[1]), hasBody: false)
    try exchange(client, server)
    #expect(client.takeLog() == ["head 1 last", "closed 1 NO_ERROR"])
  }

  @Test func `an answer that comes before the request's end stops the request, after itself`()
    throws
  {
    let (client, server) = try connectedPair()
    let request = HTTP2Stream()
    request.append("first part")
    try client.session.submitRequest(Peer.requestHead, on: request, hasBody: true)
    try server.receive(client.output())
    let stream = try #require(server.streams[1])
    stream.append("no thanks")
    stream.body.finish(trailers: Peer.trailers)
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)

    let answer = try server.output()
    #expect(
      describeFrames(answer)
        == ["HEADERS 1", "DATA 1", "HEADERS 1 END_STREAM", "RST_STREAM 1 0"])
    try client.receive(answer)
    #expect(
      client.takeLog() == ["head 1", "data 1 no thanks", "trailers 1 0", "closed 1 NO_ERROR"])
  }

  @Test func `a writer is told when its body has drained`() throws {
    let (client, server) = try connectedPair()
    let request = HTTP2Stream()
    request.append(String(repeating: "x", count: 40_000))
    request.drainedMark = 20_000
    try client.session.submitRequest(Peer.requestHead, on: request, hasBody: true)
    _ = try client.output()
    #expect(client.takeLog() == ["drained 1"])
    _ = server
  }

  @Test func `a sender stops at the window and goes on when the reader has consumed`() throws {
    var settings = HTTP2Settings()
    settings.streamWindowBytes = 1_000
    let (client, server) = try connectedPair(server: settings)
    server.consumes = false
    let request = try client.request(String(repeating: "x", count: 2_500))
    try exchange(client, server)
    #expect(request.body.count == 1_500)

    server.session.consume(1_000, on: try #require(server.streams[1]))
    try exchange(client, server)
    #expect(request.body.count == 500)
  }

  @Test func `one stream that is not read does not stop another`() throws {
    var settings = HTTP2Settings()
    settings.streamWindowBytes = 60_000
    settings.connectionWindowBytes = 65_535
    let (client, server) = try connectedPair(server: settings)
    server.consumes = false
    for _ in 0..<5 { try client.request(String(repeating: "x", count: 50_000)) }
    try exchange(client, server)
    #expect(server.log.filter { $0.hasPrefix("end") }.count == 5)
  }

  @Test func `trailers reach a client that has closed its window`() throws {
    var settings = HTTP2Settings()
    settings.streamWindowBytes = 100
    let (client, server) = try connectedPair(client: settings)
    client.consumes = false
    try client.request("")
    try exchange(client, server)
    let stream = try #require(server.streams[1])
    stream.append(String(repeating: "x", count: 5_000))
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
    try exchange(client, server)
    _ = client.takeLog()

    server.session.cutShort(stream, with: Peer.trailers)
    try exchange(client, server)
    #expect(client.takeLog() == ["trailers 1 0", "closed 1 NO_ERROR"])
    #expect(server.openStreamCount == 0)
  }

  @Test func `a reset closes the stream on both sides with its code`() throws {
    let (client, server) = try connectedPair()
    let request = HTTP2Stream()
    try client.session.submitRequest(Peer.requestHead, on: request, hasBody: true)
    try exchange(client, server)
    _ = server.takeLog()
    client.session.reset(request, .cancel)
    try exchange(client, server)
    #expect(server.takeLog() == ["closed 1 CANCEL"])
    #expect(client.takeLog() == ["closed 1 CANCEL"])
  }

  @Test func `a ping is answered`() throws {
    let (client, server) = try connectedPair()
    server.session.ping()
    try exchange(client, server)
    #expect(server.takeLog() == ["pong"])
    #expect(client.takeLog() == ["control"])
  }

  @Test func `after the first GOAWAY streams still open, after the last none does`() throws {
    let (client, server) = try connectedPair()
    try client.request("open")
    try exchange(client, server)
    server.session.announceShutdown()
    // The client sends one more before it has seen the notice.
    try client.request("in flight")
    try server.receive(client.output())
    #expect(server.streams[3] != nil)
    try exchange(client, server)
    #expect(client.takeLog() == ["goaway \(Int32.max) NO_ERROR"])
    #expect(throws: HTTP2Error.self) { try client.request("too late") }
    #expect(client.openStreamCount == 2)

    server.session.goAway(.noError)
    try exchange(client, server)
    #expect(client.takeLog() == ["goaway 3 NO_ERROR"])
    #expect(!server.isFinished)
    for stream in server.streams.values {
      server.session.submitResponse(Peer.responseHead, on: stream, hasBody: false)
    }
    try exchange(client, server)
    #expect(server.isFinished)
    #expect(client.isFinished)
  }

  @Test func `streams over the server's bound are refused or wait`() throws {
    var settings = HTTP2Settings()
    settings.concurrentStreamsMax = 2
    let (client, server) = try connectedPair(server: settings)
    for _ in 0..<3 { try client.request("") }
    try exchange(client, server)
    #expect(server.streams.count == 2)
    #expect(client.openStreamCount == 3)

    server.session.submitResponse(
      Peer.responseHead, on: try #require(server.streams[1]), hasBody: false)
    try exchange(client, server)
    #expect(server.streams.keys.sorted() == [3, 5])
  }
}
