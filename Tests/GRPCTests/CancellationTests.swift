import HTTP2
import NIOCore
import NIOEmbedded
import Testing

@testable import GRPC

/// Calls that end before their handlers do. Without sockets, threads or real time.
@Suite struct CancellationTests {
  /// What became of a handler.
  private final class Fate: @unchecked Sendable {
    var started = 0
    var cancelled = 0
    var writes = 0
  }

  /// `Wait` reads requests until there are none, `Pour` writes until it fails; both note it when
  /// that ends in cancellation.
  private func router(_ fate: Fate) -> Router {
    var router = Router.echo
    router.clientStreaming("/test.Fate/Wait") { _, requests in
      fate.started += 1
      do {
        for try await _ in requests {}
      } catch {
        fate.cancelled += Task.isCancelled ? 1 : 0
        throw error
      }
      return ByteBuffer()
    }
    router.serverStreaming("/test.Fate/Pour") { _, message, writer in
      fate.started += 1
      do {
        while true {
          try await writer.write(message)
          fate.writes += 1
        }
      } catch {
        fate.cancelled += Task.isCancelled ? 1 : 0
        throw error
      }
    }
    return router
  }

  @Test func `a reset cancels the handler`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    let stream = try wire.open(Wire.head("/test.Fate/Wait"), isLast: false)
    #expect(wire.connection.runningHandlers == 1)
    try wire.reset(stream)
    #expect(fate.cancelled == 1)
    #expect(wire.connection.runningHandlers == 0)
    #expect(wire.connection.openStreams == 0)
  }

  @Test func `the loss of the connection cancels every handler, and then it is finished`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    for _ in 0..<5 { try wire.open(Wire.head("/test.Fate/Wait"), isLast: false) }
    try wire.disconnect()
    #expect(fate.started == 5)
    #expect(fate.cancelled == 5)
    #expect(wire.connection.runningHandlers == 0)
    #expect(wire.finished.value == 1)
  }

  @Test func `a request and its reset in one read start no handler`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    let stream = HTTP2Stream()
    try wire.client.submitRequest(Wire.head("/test.Fate/Wait"), on: stream, hasBody: true)
    var bytes = ByteBuffer()
    while let chunk = try wire.client.nextOutput() { bytes.writeBytes(chunk) }
    wire.client.reset(stream, .cancel)
    while let chunk = try wire.client.nextOutput() { bytes.writeBytes(chunk) }
    try wire.channel.writeInbound(bytes)
    #expect(fate.started == 0)
    #expect(wire.connection.openStreams == 0)
  }

  @Test func `at the deadline the status goes out and the handler is cancelled`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    let stream = try wire.open(
      Wire.head("/test.Fate/Wait", [("grpc-timeout", "100m")]), isLast: false)
    try wire.advance(.milliseconds(99))
    #expect(wire.responses[stream.id]?.status == nil)
    try wire.advance(.milliseconds(1))
    #expect(wire.responses[stream.id]?.status == "4")
    #expect(fate.cancelled == 1)
    #expect(wire.connection.openStreams == 0)
  }

  @Test func `each call has its own deadline, in whatever order they come`() throws {
    let wire = try Wire(router(Fate()))
    let streams = try [300, 100, 200].map {
      try wire.open(Wire.head("/test.Fate/Wait", [("grpc-timeout", "\($0)m")]), isLast: false)
    }
    var expired: [Int32] = []
    for _ in 0..<3 {
      try wire.advance(.milliseconds(100))
      expired += streams.map(\.id).filter {
        wire.responses[$0]?.status == "4" && !expired.contains($0)
      }
    }
    #expect(expired == [streams[1].id, streams[2].id, streams[0].id])
  }

  @Test func `a deadline that a call no longer needs disturbs nobody`() throws {
    let wire = try Wire(router(Fate()))
    let quick = Wire.head("/test.Echo/Unary", [("grpc-timeout", "10m")])
    let done = try wire.open(quick, Wire.framed("x"))
    let waiting = try wire.open(Wire.head("/test.Fate/Wait"), isLast: false)
    try wire.advance(.milliseconds(50))
    #expect(wire.responses[done.id]?.status == "0")
    #expect(wire.responses[waiting.id]?.status == nil)
  }

  @Test func `a client that does not read holds its writer and little memory`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    wire.clientConsumes = false
    let message = String(repeating: "m", count: 200)
    let stream = try wire.open(Wire.head("/test.Fate/Pour"), Wire.framed(message))
    let writesAtFirst = fate.writes
    for _ in 0..<10 { try wire.advance(.seconds(1)) }
    #expect(fate.writes == writesAtFirst)
    // What the client's window took, and then no more than the mark and one message.
    let bytesMax = 1024 * 1024 + Limits.outboundHighMarkBytes + 2 * 205
    #expect(fate.writes * 205 <= bytesMax)
    #expect(wire.connection.runningHandlers == 1)

    try wire.reset(stream)
    #expect(fate.cancelled == 1)
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test func `a writer goes on when its client reads on`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    wire.clientConsumes = false
    let stream = try wire.open(Wire.head("/test.Fate/Pour"), Wire.framed("message"))
    let writes = fate.writes
    wire.client.consume(1024 * 1024, on: stream)
    wire.exchangeOnce()
    #expect(fate.writes > writes)
    try wire.reset(stream)
  }

  @Test func `the deadline's status reaches a client that does not read`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    wire.clientConsumes = false
    let head = Wire.head("/test.Fate/Pour", [("grpc-timeout", "1S")])
    let stream = try wire.open(head, Wire.framed("message"))
    #expect(wire.responses[stream.id]?.status == nil)
    try wire.advance(.seconds(1))
    #expect(wire.responses[stream.id]?.status == "4")
    #expect(fate.cancelled == 1)
    #expect(wire.connection.openStreams == 0)
  }

  @Test func `a full socket stops the writers, and a free one lets them go on`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    wire.channel.isWritable = false
    try wire.open(Wire.head("/test.Fate/Pour"), Wire.framed("message"))
    #expect(fate.started == 1)
    #expect(fate.writes * 12 <= Limits.outboundHighMarkBytes + 24)
    #expect(wire.responses.isEmpty)
    wire.channel.isWritable = true
    wire.channel.pipeline.fireChannelWritabilityChanged()
    wire.exchangeOnce()
    #expect(wire.responses.count == 1)
    try wire.disconnect()
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test func `a reader that is slow closes the client's window, and opens it as it reads`() throws {
    let gate = Gate()
    var router = Router()
    router.clientStreaming("/test.Slow/Read") { _, requests in
      var iterator = requests.makeAsyncIterator()
      await gate.wait()
      var count = 0
      while try await iterator.next() != nil { count += 1 }
      return ByteBuffer(string: "\(count)")
    }
    let wire = try Wire(router)
    let stream = try wire.open(Wire.head("/test.Slow/Read"), isLast: false)
    let chunk = Array(repeatElement(Wire.framed("0123456789"), count: 20_000).joined())
    try wire.send(chunk, on: stream, isLast: true)
    // 300 KB were offered; the mark and one window were taken.
    let heldMax = Limits.inboundMarkBytes + 2 * 64 * 1024
    #expect(stream.body.count >= chunk.count - heldMax)

    gate.open()
    try wire.exchange()
    #expect(wire.responses[stream.id]?.messages == ["20000"])
  }

  @Test func `a reset frees a writer that waits`() throws {
    let fate = Fate()
    let wire = try Wire(router(fate))
    wire.clientConsumes = false
    let stream = try wire.open(Wire.head("/test.Fate/Pour"), Wire.framed("m"))
    try wire.reset(stream)
    #expect(fate.cancelled == 1)
  }

  @Test func `handlers that ignore their cancellation are bounded`() throws {
    var limits = ServerLimits()
    limits.concurrentStreamsMax = 2
    let gate = Gate()
    var router = Router.echo
    router.clientStreaming("/test.Deaf/Wait") { _, _ in
      await gate.wait()
      return ByteBuffer()
    }
    let wire = try Wire(router, limits: limits)
    for _ in 0..<4 { try wire.reset(wire.open(Wire.head("/test.Deaf/Wait"), isLast: false)) }
    #expect(wire.connection.runningHandlers == 4)
    let refused = try wire.open(Wire.head("/test.Deaf/Wait"), isLast: false)
    #expect(wire.responses[refused.id]?.closed == .refusedStream)

    gate.open()
    try wire.exchange()
    #expect(wire.connection.runningHandlers == 0)
    #expect(try wire.echo("again") == "again")
  }
}

/// Holds tasks until it is opened; for use on one thread.
private final class Gate: @unchecked Sendable {
  private var waiting: [UnsafeContinuation<Void, Never>] = []

  nonisolated(nonsending) func wait() async {
    await withUnsafeContinuation { waiting.append($0) }
  }

  func open() {
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}

extension Wire {
  /// One round, for handlers that never stop writing.
  fileprivate func exchangeOnce() {
    loop.run()
    _ = try? exchangeBounded(rounds: 1)
  }
}
