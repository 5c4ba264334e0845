import TestSupport
import Testing

@testable import HTTP2

/// A server session against bytes that no decent client sends.
@Suite struct BadPeerTests {
  /// A server that has the client's preface and SETTINGS behind it.
  private func server(_ settings: HTTP2Settings = .init()) throws -> Peer {
    let server = Peer(.server, settings)
    try server.receive(RawFrame.preface + RawFrame.settings())
    _ = try server.output()
    _ = server.takeLog()
    return server
  }

  /// The fault of a server that cannot go on after `bytes`.
  private func fault(of server: Peer, after bytes: [UInt8]) -> HTTP2Error.Fault? {
    do {
      try server.receive(bytes)
      return nil
    } catch {
      return (error as? HTTP2Error)?.fault
    }
  }

  @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "PRI * HTTP/3.0"])
  func `bytes that are not the preface are told apart`(_ text: String) {
    #expect(fault(of: Peer(.server), after: Array(text.utf8)) == .notHTTP2)
  }

  @Test func `a preface in single bytes is a preface`() throws {
    let server = Peer(.server)
    for byte in RawFrame.preface + RawFrame.settings() { try server.receive([byte]) }
    #expect(server.takeLog() == ["control"])
  }

  @Test func `any other frame before SETTINGS ends the connection`() throws {
    let server = Peer(.server)
    try server.receive(RawFrame.preface + RawFrame.ping)
    #expect(try describeFrames(server.output()).last == "GOAWAY 0 1")
    #expect(server.isFinished)
  }

  @Test func `a header list at the limit is taken and one byte more is not`() throws {
    var settings = HTTP2Settings()
    settings.headerListBytesMax = 1_000
    let base = RawFrame.requestFields.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 }
    let room = 1_000 - base - 32 - 1
    let server = try server(settings)
    for (stream, count): (UInt32, Int) in [(1, room), (3, room + 1)] {
      let fields = RawFrame.requestFields + [("x", String(repeating: "v", count: count))]
      try server.receive(RawFrame.headers(fields, stream: stream, isLast: true))
    }
    #expect(server.takeLog() == ["head 1 last", "oversized 3"])
  }

  @Test func `many small fields cost the memory of the limit only`() throws {
    let server = try server()
    let fields = RawFrame.requestFields + (0..<900).map { ("x-\($0)", "v") }
    try server.receive(RawFrame.headers(fields, stream: 1, isLast: true))
    #expect(server.takeLog() == ["oversized 1"])
    #expect(server.storesNoHeaders)
  }

  @Test func `rapid reset ends the connection`() throws {
    let server = try server()
    var answer: [String] = []
    // nghttp2 counts in real time: a slow machine earns a few resets more.
    for index in 0..<UInt32(Limits.streamResetBurst) * 20 {
      let stream = index * 2 + 1
      try server.receive(
        RawFrame.headers(RawFrame.requestFields, stream: stream) + RawFrame.reset(stream: stream))
      answer += describeFrames(try server.output())
      if server.isFinished { break }
    }
    #expect(server.isFinished)
    #expect(answer.last?.hasPrefix("GOAWAY") == true)
    #expect(server.openStreamCount == 0)
  }

  @Test func `a flood of CONTINUATION frames ends the connection`() throws {
    let server = try server()
    let start = RawFrame.headers(RawFrame.requestFields, stream: 1, isComplete: false)
    try server.receive(start)
    #expect(server.hasUnfinishedHeaders)
    let flood = (0..<Limits.continuationsMax + 1).flatMap {
      RawFrame.continuation([("x-\($0)", "v")], stream: 1, isComplete: false)
    }
    #expect(fault(of: server, after: flood) == .peer)
  }

  @Test func `SETTINGS with too many entries ends the connection`() throws {
    let entries = [(UInt16, UInt32)](repeating: (0x99, 1), count: Limits.settingsEntriesMax + 1)
    let server = try server()
    try server.receive(RawFrame.settings(entries))
    #expect(try describeFrames(server.output()).last?.hasPrefix("GOAWAY 0") == true)
    #expect(server.isFinished)
  }

  @Test func `pings that are never let out end the connection`() throws {
    let server = try server()
    let flood = Array(
      repeatElement(RawFrame.ping, count: Limits.outboundAcknowledgementsMax + 2).joined())
    #expect(fault(of: server, after: flood) == .peer)
  }

  @Test(arguments: [
    [(":method", "POST"), (":scheme", "http")],
    [(":method", "POST"), (":scheme", "http"), (":path", "/s/M"), ("UPPER", "case")],
    [(":method", "POST"), (":scheme", "http"), (":path", "/s/M"), ("x", "line\nbreak")],
    [(":method", "POST"), (":scheme", "http"), (":path", "/s/M"), ("connection", "close")],
    [("x", "first"), (":method", "POST"), (":scheme", "http"), (":path", "/s/M")],
  ])
  func `a malformed request is reset and the next one is served`(_ fields: [(String, String)])
    throws
  {
    let server = try server()
    try server.receive(RawFrame.headers(fields, stream: 1, isLast: true))
    #expect(try describeFrames(server.output()) == ["RST_STREAM 1 1"])
    #expect(!server.log.contains("head 1 last"))
    _ = server.takeLog()
    try server.receive(RawFrame.headers(RawFrame.requestFields, stream: 3, isLast: true))
    #expect(server.takeLog() == ["head 3 last"])
  }

  @Test func `a body longer than its content-length is refused`() throws {
    let server = try server()
    let fields = RawFrame.requestFields + [("content-length", "2")]
    try server.receive(
      RawFrame.headers(fields, stream: 1) + RawFrame.data([1, 2, 3], stream: 1, isLast: true))
    #expect(try describeFrames(server.output()).contains("RST_STREAM 1 1"))
  }

  @Test func `more data than the window allows is a flow control error`() throws {
    var settings = HTTP2Settings()
    settings.streamWindowBytes = 10
    let server = Peer(.server, settings)
    try server.receive(RawFrame.preface + RawFrame.settings())
    // The bound counts from the client's acknowledgement of our SETTINGS.
    _ = try server.output()
    try server.receive(RawFrame.frame(type: 4, flags: 1))
    server.consumes = false
    try server.receive(
      RawFrame.headers(RawFrame.requestFields, stream: 1)
        + RawFrame.data([UInt8](repeating: 0, count: 11), stream: 1))
    #expect(try describeFrames(server.output()).contains("RST_STREAM 1 3"))
  }

  /// Data Dribble, CVE-2019-9511: each frame of the peer's would make one of ours.
  @Test func `data that leaves in crumbs counts as overhead and not as served`() throws {
    let server = try server()
    try server.receive(
      RawFrame.settings([(4, 0)])
        + RawFrame.headers(RawFrame.requestFields, stream: 1, isLast: true))
    let stream = try #require(server.streams[1])
    stream.append(String(repeating: "x", count: 10_000))
    stream.body.finish(trailers: Peer.trailers)
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
    _ = try server.output()
    _ = server.takeLog()
    let before = server.messageFramesSent
    for _ in 0..<Limits.overheadPerEvent {
      try server.receive(RawFrame.windowUpdate(stream: 1, UInt32(Limits.usefulDataBytes - 1)))
      let frames = try describeFrames(server.output())
      #expect(frames.allSatisfy { $0.hasPrefix("DATA 1") || $0.hasPrefix("HEADERS 1 END") })
    }
    #expect(server.takeLog().contains("overhead"))
    // The last of its 10,000 bytes with the trailers.
    #expect(server.messageFramesSent - before == 2)
  }

  /// TLS hands over a megabyte at once: with one event for it, floods passed.
  @Test func `overhead counts alike in one read and in many`() throws {
    let one = try server()
    let frames = Array(
      repeatElement(RawFrame.frame(type: 0x7F), count: 5 * Limits.overheadPerEvent + 100).joined())
    try one.receive(frames)
    #expect(one.takeLog() == [String](repeating: "overhead", count: 5))
    let many = try server()
    for _ in 0..<2 * Limits.overheadPerEvent + 100 {
      try many.receive(RawFrame.frame(type: 0x7F))
    }
    // Each read costs as well.
    #expect(many.takeLog() == [String](repeating: "overhead", count: 4))
  }

  @Test func `a section at eight times the limit is answered and one byte more is not`() throws {
    var settings = HTTP2Settings()
    settings.headerListBytesMax = 1_000
    let base = RawFrame.requestFields.reduce(0) {
      $0 + HeaderBlock.prefixBytes + $1.0.utf8.count + $1.1.utf8.count
    }
    let room = 1_000 * Limits.headerListFactorMax - base - HeaderBlock.prefixBytes - 1
    let server = try server(settings)
    for (stream, count): (UInt32, Int) in [(1, room), (3, room + 1)] {
      let fields = RawFrame.requestFields + [("x", String(repeating: "v", count: count))]
      try server.receive(RawFrame.headers(fields, stream: stream, isLast: true))
    }
    #expect(server.takeLog() == ["oversized 1"])
    #expect(try describeFrames(server.output()) == ["RST_STREAM 3 11"])
    #expect(server.takeLog() == ["closed 3 ENHANCE_YOUR_CALM"])
  }

  @Test func `a section far over the limit is not read to its end`() throws {
    let server = try server()
    let large = String(repeating: "v", count: 4_000)
    let block = RawFrame.block(RawFrame.requestFields) + RawFrame.indexed("x", large)
    // References to that field, which is the latest of the table.
    let bomb = block + [UInt8](repeating: 0xBE, count: 8_000)
    try server.receive(RawFrame.frame(type: 1, flags: 5, stream: 1, bomb))
    #expect(try describeFrames(server.output()) == ["RST_STREAM 1 11"])
    #expect(server.takeLog() == ["closed 1 ENHANCE_YOUR_CALM"])
    try server.receive(RawFrame.headers(RawFrame.requestFields, stream: 3, isLast: true))
    #expect(server.takeLog() == ["head 3 last"])
  }

  @Test func `a frame of few bytes with all there is to send is served`() throws {
    let server = try server()
    try server.receive(RawFrame.headers(RawFrame.requestFields, stream: 1, isLast: true))
    let stream = try #require(server.streams[1])
    server.session.submitResponse(Peer.responseHead, on: stream, hasBody: true)
    _ = try server.output()
    let before = server.messageFramesSent
    for _ in 0..<10 {
      stream.append("x")
      server.session.resume(stream)
      #expect(try describeFrames(server.output()) == ["DATA 1"])
    }
    #expect(server.messageFramesSent - before == 10)
  }

  @Test func `streams that the peer resets are counted`() throws {
    let server = try server()
    for index in 0..<UInt32(5) {
      let stream = index * 2 + 1
      try server.receive(
        RawFrame.headers(RawFrame.requestFields, stream: stream) + RawFrame.reset(stream: stream)
          + RawFrame.reset(stream: stream))
    }
    #expect(server.resetsReceived == 5)
    #expect(server.resetsSent == 0)
  }

  @Test func `streams that the peer makes us reset are counted`() throws {
    let server = try server()
    for index in 0..<UInt32(5) {
      let stream = index * 2 + 1
      try server.receive(
        RawFrame.headers(RawFrame.requestFields, stream: stream, isLast: true)
          + RawFrame.windowUpdate(stream: stream, 0x7FFF_FFFF))
      _ = try server.output()
    }
    #expect(server.resetsSent == 5)
  }

  @Test func `data on a stream that was never opened ends the connection`() throws {
    let server = try server()
    try server.receive(RawFrame.data([1], stream: 7))
    #expect(try describeFrames(server.output()) == ["GOAWAY 0 1"])
    #expect(server.isFinished)
  }

  @Test func `a frame over the maximum size ends the connection`() throws {
    let server = try server()
    try server.receive(RawFrame.headers(RawFrame.requestFields, stream: 1))
    let large = RawFrame.data([UInt8](repeating: 0, count: 16_385), stream: 1)
    try server.receive(large)
    #expect(try describeFrames(server.output()) == ["GOAWAY 0 6"])
    #expect(server.isFinished)
  }

  @Test func `random frames never crash a session and never leave a stream behind`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<300 {
      let server = try server()
      for _ in 0..<20 {
        let payload = (0..<Int.random(in: 0...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        let frame = RawFrame.frame(
          type: UInt8.random(in: 0...10, using: &random),
          flags: UInt8.random(in: 0...63, using: &random),
          stream: UInt32.random(in: 0...5, using: &random), payload)
        guard fault(of: server, after: frame) == nil, (try? server.output()) != nil else { break }
      }
      server.session.closeStreams(.cancel)
      server.drainEvents()
      #expect(server.openStreamCount == 0, "seed \(seed)")
      #expect(server.streams.isEmpty, "seed \(seed)")
    }
  }
}
