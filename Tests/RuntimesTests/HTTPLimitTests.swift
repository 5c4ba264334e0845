import EventCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Runtimes

/// What an endpoint may not do, and how long it may take.
@Suite(.timeLimit(.minutes(1)))
struct HTTPLimitTests {
  @Test func `a response that does not begin in time is given up`() async throws {
    let hasEnded = Mutex(false)
    try await HTTPFixture.with { _, responder in
      try await responder.disconnected()
      hasEnded.withLock { $0 = true }
    } _: { fixture in
      let error = await fixture.run(data: [1, 2, 3]) {
        $0.responseTimeout = .milliseconds(100)
      }.error
      #expect(error?.errorClass == .timeout && error?.code == "RESPONSE_TIMEOUT")
      #expect(error?.isFinal == false)
      #expect(
        error?.message == "http://127.0.0.1:\(fixture.server.port) did not begin to answer within"
          + " 0.1 seconds")
      while !hasEnded.withLock({ $0 }) { await Task.yield() }
    }
  }

  /// With more time if the first byte came too late: the machine may be busy with other tests.
  @Test func `a response that has begun in time may take longer`() async throws {
    for limit in [Duration.milliseconds(100), .seconds(1), .seconds(10)] {
      if try await hasResponse(outliving: limit) { return }
    }
    Issue.record("no response began in time")
  }

  /// False if the response did not begin within the limit.
  private func hasResponse(outliving limit: Duration) async throws -> Bool {
    let (gate, opening) = AsyncStream.makeStream(of: Void.self)
    let sink = RecordingSink()
    try await HTTPFixture.with { request, responder in
      guard request.body.isEmpty else { return try await responder.disconnected() }
      try await responder.start(.ok)
      try await responder.write([1])
      for await _ in gate { break }
      try await responder.write([2])
      try await responder.end()
    } _: { fixture in
      let limited = { @Sendable (target: inout HTTPTarget) in target.responseTimeout = limit }
      let first = Task {
        defer { sink.close() }
        return await fixture.run(into: sink, changing: limited)
      }
      await sink.has(bytes: 1)
      guard !sink.bytes.isEmpty else { return }
      // By when this one's time is over, so is the first one's.
      #expect(await fixture.run(data: [1], changing: limited).error?.code == "RESPONSE_TIMEOUT")
      opening.yield()
      #expect(await first.value == AttemptResult(.succeeded))
    }
    guard !sink.bytes.isEmpty else { return false }
    #expect(sink.bytes == [1, 2])
    return true
  }

  @Test func `interim responses do not stop the clock`() async throws {
    try await HTTPFixture.with { _, responder in
      try await responder.write(raw: "HTTP/1.1 103 Early Hints\r\n\r\n")
      try await responder.disconnected()
    } _: { fixture in
      let error = await fixture.run { $0.responseTimeout = .milliseconds(150) }.error
      #expect(error?.code == "RESPONSE_TIMEOUT")
    }
  }

  @Test func `a connection must come in time, TLS included`() async throws {
    try await HTTPFixture.with { _, responder in
      try await responder.disconnected()
    } _: { fixture in
      // The server waits for HTTP, and says nothing to TLS.
      let error = await fixture.run {
        $0.url = "https://127.0.0.1:\(fixture.server.port)/"
        $0.connectTimeout = .milliseconds(100)
      }.error
      #expect(["CONNECT_TIMEOUT", "CONNECT_FAILED"].contains(error?.code))
    }
  }

  @Test(arguments: [
    (RuntimeLimits.interimResponsesMax, true), (RuntimeLimits.interimResponsesMax + 1, false),
  ])
  func `so many interim responses may come, and no more`(count: Int, isTaken: Bool) async throws {
    try await HTTPFixture.with { _, responder in
      let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: count)
      try await responder.write(raw: interim + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
    } _: { fixture in
      let sink = RecordingSink()
      let result = await fixture.run(into: sink) { _ in }
      #expect((result.error == nil) == isTaken)
      #expect(sink.text == (isTaken ? "hi" : ""))
      if !isTaken {
        #expect(result.error?.code == "REQUEST_FAILED")
        #expect(result.error?.message.contains("more than 16 interim responses") == true)
      }
    }
  }

  @Test func `a response that is all headers is cut off`() async throws {
    let written = Mutex(0)
    try await HTTPFixture.with { _, responder in
      try await responder.write(raw: "HTTP/1.1 200 OK\r\n")
      let line = "x: " + String(repeating: "y", count: 1_000) + "\r\n"
      while true {
        try await responder.write(raw: line)
        written.withLock { $0 += line.utf8.count }
      }
    } _: { fixture in
      let error = await fixture.run { _ in }.error
      #expect(error?.errorClass == .system && error?.code == "REQUEST_FAILED")
    }
    #expect(written.withLock { $0 } < 8 << 20)
  }

  @Test func `a chunk that never ends is not kept`() async throws {
    let sink = RecordingSink()
    try await HTTPFixture.with { _, responder in
      try await responder.write(
        raw: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7FFFFFFF\r\n")
      let text = String(repeating: "y", count: 64 << 10)
      while true { try await responder.write(raw: text) }
    } _: { fixture in
      #expect(await fixture.run(into: sink) { _ in } == AttemptResult(.succeeded))
    }
    #expect(sink.bytes.count < 8 * Limits.outputBytesMax)
  }
}
