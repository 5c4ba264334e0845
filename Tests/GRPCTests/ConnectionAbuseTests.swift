import HTTP2
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import GRPC

/// Connections that cost more than they bring. Without sockets or real time.
@Suite struct ConnectionAbuseTests {
  private func settled(_ wire: Wire) throws -> Bool {
    try wire.exchange()
    return wire.isOpen
  }

  @Test func `HTTP/1.1 gets a readable answer and is closed`() throws {
    let wire = try Wire(connects: false)
    try wire.inject(Array("GET / HTTP/1.1\r\nhost: x\r\n\r\n".utf8))
    wire.loop.run()
    let answer = String(buffer: try wire.takeOutput())
    #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    let body = "this port speaks gRPC: HTTP/2, prior knowledge\n"
    #expect(
      answer.hasSuffix("content-length: \(body.utf8.count)\r\nconnection: close\r\n\r\n\(body)"))
    #expect(!wire.isOpen)
  }

  @Test(arguments: ["\u{16}\u{3}\u{1}hello", "hello", "PRI * HTTP/1.1\r\n\r\n", "G"])
  func `other bytes are closed without an answer`(_ text: String) throws {
    let wire = try Wire(connects: false)
    try wire.inject(Array(text.utf8))
    wire.loop.run()
    #expect(try wire.takeOutput().readableBytes == 0)
    #expect(!wire.isOpen)
    #expect(wire.finished.value == 1)
  }

  @Test func `nothing is sent before the client has said something`() throws {
    let wire = try Wire(connects: false)
    wire.loop.run()
    #expect(try wire.takeOutput().readableBytes == 0)
  }

  @Test func `a client that never says anything is closed after the handshake timeout`() throws {
    let wire = try Wire(connects: false)
    wire.loop.advanceTime(by: .seconds(9))
    #expect(wire.isOpen)
    wire.loop.advanceTime(by: .seconds(1))
    #expect(!wire.isOpen)
    #expect(wire.finished.value == 1)
  }

  // MARK: Slow and hoarded bodies

  /// The start of a message of 4 MiB, the most that one may have.
  private static let large: [UInt8] = [0, 0, 0x40, 0, 0]

  private func status(_ wire: Wire, _ stream: HTTP2Stream) -> String? {
    wire.responses[stream.id]?.status
  }

  @Test(arguments: [[], [0, 0], large + [1, 2, 3]] as [[UInt8]])
  func `a call whose only message does not come is ended`(_ start: [UInt8]) throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head, start, isLast: false)
    try wire.advance(.seconds(30))
    #expect(status(wire, stream) == nil)
    try wire.advance(.seconds(2))
    #expect(status(wire, stream) == "4")
    #expect(wire.connection.openStreams == 0)
    #expect(try wire.echo("others go on") == "others go on")
  }

  @Test func `a message that comes at 500 bytes a second is waited for`() throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head, Self.large, isLast: false)
    for _ in 0..<120 {
      try wire.send(Array(repeating: 1, count: 500), on: stream)
      try wire.advance(.seconds(1))
    }
    #expect(status(wire, stream) == nil)
    try wire.advance(.seconds(32))
    #expect(status(wire, stream) == "4")
  }

  /// Once each 500 bytes that had come paid for a second more: this one would have had an hour.
  @Test func `a message that has brought much is ended when it brings no more`() throws {
    let wire = try Wire()
    let stream = try wire.open(
      Wire.head, Self.large + Array(repeating: 1, count: 2_000_000), isLast: false)
    try wire.advance(.seconds(62))
    #expect(status(wire, stream) == "4")
    #expect(wire.connection.heldBytes == 0)
  }

  @Test func `a stream of messages may pause between two and not within one`() throws {
    let wire = try Wire()
    let stream = try wire.open(
      Wire.head("/test.Echo/Chat"), Wire.framed("first"), isLast: false)
    try wire.advance(.minutes(10))
    #expect(status(wire, stream) == nil)
    try wire.send(Array(Wire.framed("second").dropLast()), on: stream)
    try wire.advance(.seconds(32))
    #expect(status(wire, stream) == "4")
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test func `messages that wait are bounded for the connection as a whole`() throws {
    var limits = ServerLimits()
    limits.connectionHeldBytesMax = 100_000
    let wire = try Wire(limits: limits)
    var streams: [HTTP2Stream] = []
    for _ in 0..<4 {
      let bytes = Self.large + Array(repeating: 1, count: 30_000)
      streams.append(try wire.open(Wire.head, bytes, isLast: false))
    }
    #expect(streams.prefix(3).allSatisfy { status(wire, $0) == nil })
    #expect(status(wire, streams[3]) == "8")
    #expect(wire.connection.heldBytes == 90_000)
    for stream in streams.prefix(3) { try wire.reset(stream) }
    #expect(wire.connection.heldBytes == 0)
    #expect(try wire.echo("others go on") == "others go on")
    #expect(wire.connection.heldBytes == 0)
  }

  @Test func `an idle connection is ended gracefully, one with a call is not`() throws {
    var limits = ServerLimits()
    limits.idleTimeout = .seconds(60)
    let idle = try Wire(limits: limits)
    let busy = try Wire(limits: limits)
    try busy.open(Wire.head("/test.Echo/Chat"), isLast: false)
    for wire in [idle, busy] { try wire.advance(.seconds(59)) }
    #expect(idle.goAway == nil)
    for wire in [idle, busy] { try wire.advance(.seconds(2)) }
    #expect(idle.goAway == .noError)
    #expect(!idle.isOpen)
    #expect(busy.isOpen)
  }

  @Test func `a header section that never ends closes the connection`() throws {
    let wire = try Wire()
    // HEADERS of 10 bytes on stream 1, of which one comes.
    try wire.inject([0, 0, 10, 1, 0, 0, 0, 0, 1, 0x82])
    for _ in 0..<12 { wire.loop.advanceTime(by: .seconds(1)) }
    #expect(!wire.isOpen)
  }

  /// Each of these escaped every timeout while the connection had an open stream.
  @Test(
    arguments: [
      [0, 0, 8, 6],  // part of a frame's header
      [0, 0, 10, 1, 0x24, 0, 0, 0, 3],  // HEADERS with a priority that does not come
      [0, 0, 9, 0, 0, 0, 0, 0, 1],  // DATA that does not come
    ] as [[UInt8]])
  func `a frame that never ends closes the connection`(_ bytes: [UInt8]) throws {
    let wire = try Wire()
    try wire.open(Wire.head("/test.Echo/Chat"), isLast: false)
    try wire.inject(bytes)
    for _ in 0..<29 { wire.loop.advanceTime(by: .seconds(1)) }
    #expect(wire.isOpen)
    for _ in 0..<3 { wire.loop.advanceTime(by: .seconds(1)) }
    #expect(!wire.isOpen)
  }

  @Test func `a frame of an unknown type is ignored, also by the timeouts`() throws {
    let wire = try Wire()
    try wire.open(Wire.head("/test.Echo/Chat"), isLast: false)
    try wire.inject([0, 0, 3, 0x7F, 0, 0, 0, 0, 0, 1, 2, 3])
    for _ in 0..<60 { wire.loop.advanceTime(by: .seconds(1)) }
    #expect(wire.isOpen)
  }

  @Test func `empty DATA frames are cut off, small messages are not`() throws {
    let flood = try Wire()
    try flood.open(Wire.head("/test.Echo/Collect"), isLast: false)
    var frames = 0
    while flood.isOpen, frames < 20_000 {
      try flood.inject([0, 0, 0, 0, 0, 0, 0, 0, 1])
      flood.loop.run()
      frames += 1
    }
    try flood.exchange()
    #expect(flood.goAway == .enhanceYourCalm)
    #expect(frames < 12_000)

    let caller = try Wire()
    let stream = try caller.open(Wire.head("/test.Echo/Collect"), isLast: false)
    for _ in 0..<20_000 where caller.isOpen { try caller.send(Wire.framed("x"), on: stream) }
    #expect(caller.isOpen)
  }

  /// A call of 4 MiB is 256 frames and as many reads, and each of those once cost something.
  @Test func `an upload of large messages in many reads is no flood`() throws {
    var router = Router()
    router.clientStreaming("/test.Sink/Take") { _, requests in
      for try await _ in requests {}
      return ByteBuffer()
    }
    let wire = try Wire(router)
    let stream = try wire.open(Wire.head("/test.Sink/Take"), isLast: false)
    let frame = RawFrame.data(
      [UInt8](repeating: 0, count: 16_384), stream: UInt32(bitPattern: stream.id))
    let first = RawFrame.data(Self.large, stream: UInt32(bitPattern: stream.id))
    for _ in 0..<60 where wire.isOpen {
      try wire.inject(first)
      for _ in 0..<256 where wire.isOpen {
        try wire.inject(frame)
        wire.loop.run()
        _ = try wire.takeOutput()
      }
    }
    #expect(wire.isOpen)
    #expect(wire.connection.openStreams == 1)
  }

  /// TLS may hand over as much: nghttp2's own limit, which says INTERNAL_ERROR, was the first.
  @Test func `a flood in one read is told of, and what follows it is not looked at`() throws {
    let flood = try Wire()
    #expect(try flood.echo("x") == "x")
    let resets = [UInt8](repeatElement(RawFrame.reset(stream: 1), count: 80_000).joined())
    try flood.inject(resets)
    try flood.exchange()
    #expect(flood.goAway == .enhanceYourCalm)
    #expect(!flood.isOpen)
    #expect(flood.connection.session.framesBegun < 20_000)
  }

  @Test(arguments: [
    [UInt8](repeatElement(RawFrame.settings(), count: 300).joined()),
    RawFrame.headers(RawFrame.requestFields, stream: 1, isComplete: false)
      + repeatElement(RawFrame.continuation([("x", "y")], stream: 1, isComplete: false), count: 20)
      .joined(),
  ])
  func `a flood that nghttp2 itself stops is told of`(_ bytes: [UInt8]) throws {
    let flood = try Wire()
    try flood.inject(bytes)
    try flood.exchange()
    #expect(flood.goAway == .enhanceYourCalm)
    #expect(!flood.isOpen)
  }

  @Test func `a client that does not read its socket is cut`() throws {
    let wire = try Wire()
    wire.channel.isWritable = false
    wire.channel.pipeline.fireChannelWritabilityChanged()
    for _ in 0..<59 { wire.loop.advanceTime(by: .seconds(1)) }
    #expect(wire.isOpen)
    for _ in 0..<2 { wire.loop.advanceTime(by: .seconds(1)) }
    #expect(!wire.isOpen)
  }

  @Test func `a flood of pings is cut off, one with calls in between is not`() throws {
    let flood = try Wire()
    let caller = try Wire()
    for index in 0..<1_500 {
      if flood.isOpen {
        flood.client.ping()
        try flood.exchange()
      }
      caller.client.ping()
      try caller.exchange()
      if index % 50 == 0 { #expect(try caller.echo("x") == "x") }
    }
    #expect(flood.goAway == .enhanceYourCalm)
    #expect(flood.goAwayText == "too_many_pings")
    #expect(!flood.isOpen)
    #expect(caller.isOpen)
  }

  @Test func `a client that resets stream after stream is told to calm down`() throws {
    let wire = try Wire()
    var streams = 0
    while wire.isOpen, streams < 2_000 {
      try wire.reset(try wire.open(Wire.head("/test.Echo/Collect"), isLast: false))
      streams += 1
    }
    #expect(wire.goAway == .enhanceYourCalm)
    #expect(streams <= Int(Limits.resetsBurst) + 10)
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test func `a client that makes the server reset stream after stream is cut off`() throws {
    let wire = try Wire()
    var streams = 0
    while wire.isOpen, streams < 2_000 {
      // A request that is complete, then a window that overflows: the server must reset it.
      let stream = try wire.open(Wire.head("/test.Echo/Collect"), isLast: false)
      let id = UInt8(truncatingIfNeeded: stream.id)
      let high = UInt8(truncatingIfNeeded: stream.id >> 8)
      try wire.inject([0, 0, 4, 8, 0, 0, 0, high, id, 0x7F, 0xFF, 0xFF, 0xFF])
      try wire.exchange()
      streams += 1
    }
    #expect(wire.goAway == .enhanceYourCalm)
    #expect(streams <= 1_010)
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test func `drain refuses no call that is under way and closes when the last is done`() throws {
    let wire = try Wire()
    let chat = try wire.open(Wire.head("/test.Echo/Chat"), Wire.framed("one"), isLast: false)
    wire.connection.beginDrain()
    try wire.exchange()
    #expect(wire.goAway == .noError)
    #expect(wire.isOpen)

    try wire.send(Wire.framed("two"), on: chat, isLast: true)
    #expect(wire.responses[chat.id]?.messages == ["one", "two"])
    #expect(wire.responses[chat.id]?.status == "0")
    #expect(!wire.isOpen)
    #expect(wire.finished.value == 1)
  }

  @Test func `drain goes on without a client that answers pings`() throws {
    let wire = try Wire()
    wire.connection.beginDrain()
    wire.loop.run()
    #expect(wire.isOpen)
    wire.loop.advanceTime(by: Limits.shutdownNotice)
    #expect(!wire.isOpen)
  }
}
