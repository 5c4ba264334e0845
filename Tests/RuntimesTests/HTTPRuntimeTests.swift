import EventCore
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import Runtimes

@Suite(.timeLimit(.minutes(1)))
struct HTTPRuntimeTests {
  @Test func `a function gets a CloudEvent in binary mode`() async throws {
    let received = Mutex<HTTPServer.Request?>(nil)
    let metadata = [
      "kéy": "50% \"off\"", "tenant": "7 ö", "id": "not this", "time": "", "content-type": "x",
      "Up": "x",
    ]
    let payload = (0..<Limits.payloadBytesMax).map { UInt8(truncatingIfNeeded: $0 * 31) }
    try await HTTPFixture.with { request, responder in
      received.withLock { $0 = request }
      try await responder.respond(.ok)
    } _: { fixture in
      let result = await fixture.run(
        "/orders?key=1", data: payload, dataType: "application/x-test; a=\"b\"",
        metadata: metadata, source: "/bücher 1", headers: ["authorization": "Bearer x"])
      #expect(result == AttemptResult(.succeeded))
    }
    let request = try #require(received.withLock { $0 })
    #expect(request.method == .POST && request.uri == "/orders?key=1")
    #expect(request.body == payload)
    var headers = Dictionary(
      uniqueKeysWithValues: request.headers.map { ($0.name.lowercased(), $0.value) })
    let json = try #require(headers["ce-metadata"]?.removingPercentEncoding)
    #expect(try JSONDecoder().decode([String: String].self, from: Data(json.utf8)) == metadata)
    for name in ["host", "content-length", "ce-metadata", "ce-id"] { headers[name] = nil }
    #expect(
      headers == [
        "content-type": "application/x-test; a=\"b\"", "ce-specversion": "1.0",
        "ce-source": "/b%C3%BCcher%201", "ce-type": "order.created",
        "ce-time": "2023-11-14T22:13:20.123Z", "ce-dispatchsubscription": "s",
        "ce-dispatchattempt": "3", "ce-tenant": "7%20%C3%B6",
        "authorization": "Bearer x", "user-agent": "event-gateway",
      ])
  }

  @Test func `the response is the output, passed on as it comes`() async throws {
    let sink = RecordingSink()
    try await HTTPFixture.with { _, responder in
      try await responder.start(.ok, ["content-type": "text/plain"])
      try await responder.write(Array("first".utf8))
      await sink.has(bytes: 5)
      try await responder.write(Array(" second".utf8))
      try await responder.end()
    } _: { fixture in
      let result = await fixture.run(into: sink)
      #expect(result == AttemptResult(.succeeded, dataType: "text/plain"))
    }
    #expect(sink.text == "first second")
  }

  @Test func `a failure's body is output too`() async throws {
    let sink = RecordingSink()
    try await HTTPFixture.with { _, responder in
      try await responder.respond(
        .serviceUnavailable, ["content-type": "text/plain", "retry-after": "7"],
        body: Array("busy".utf8))
    } _: { fixture in
      let result = await fixture.run(into: sink)
      #expect(result.dataType == "text/plain")
      #expect(result.error?.code == "HTTP_503" && result.error?.retryAfter == .seconds(7))
      #expect(
        result.error?.message
          == "http://127.0.0.1:\(fixture.server.port) answered 503 Service Unavailable")
    }
    #expect(sink.text == "busy")
  }

  @Test func `a redirect is not followed`() async throws {
    try await HTTPFixture.with { request, responder in
      #expect(request.uri == "/old")
      try await responder.respond(.permanentRedirect, ["location": "/new"])
    } _: { fixture in
      let error = await fixture.run("/old").error
      #expect(error?.code == "HTTP_308" && error?.isFinal == true)
      #expect(error?.message.hasSuffix("redirects are not followed") == true)
    }
  }

  @Test func `reading stops once there is more than is kept`() async throws {
    let sink = RecordingSink()
    let hasStopped = Mutex(false)
    try await HTTPFixture.with { _, responder in
      try await responder.start(.ok)
      let chunk = [UInt8](repeating: 7, count: 65_536)
      do { while true { try await responder.write(chunk) } } catch {
        hasStopped.withLock { $0 = true }
      }
    } _: { fixture in
      let result = await fixture.run(into: sink)
      #expect(result == AttemptResult(.succeeded))
      while !hasStopped.withLock({ $0 }) { await Task.yield() }
    }
    #expect(sink.bytes.count > Limits.outputBytesMax)
    #expect(sink.bytes.count < 8 * Limits.outputBytesMax)
  }

  @Test func `cancellation closes the connection`() async throws {
    let sink = RecordingSink()
    let hasEnded = Mutex(false)
    try await HTTPFixture.with { _, responder in
      try await responder.start(.ok)
      try await responder.write([1])
      try await responder.disconnected()
      hasEnded.withLock { $0 = true }
    } _: { fixture in
      let run = Task { await fixture.run(into: sink) }
      await sink.has(bytes: 1)
      run.cancel()
      #expect(await run.value.error?.errorClass == .cancelled)
      while !hasEnded.withLock({ $0 }) { await Task.yield() }
    }
  }

  @Test func `nobody listening is an error of the system that shows no secret`() async throws {
    try await HTTPFixture.with { _, _ in
    } _: { fixture in
      let port = fixture.server.port
      await fixture.server.close()
      let error = await fixture.run("/secret?token=hidden").error
      #expect(error?.errorClass == .system && error?.code == "CONNECT_FAILED")
      #expect(error?.isFinal == false)
      #expect(
        error?.message == "http://127.0.0.1:\(port) could not be reached: Connection refused")
    }
  }

  @Test func `an unknown host is an error of the system`() async throws {
    try await HTTPFixture.with { _, _ in
    } _: { fixture in
      let error = await fixture.run(url: "http://no-such-host.invalid/").error
      #expect(error?.errorClass == .system && error?.code == "CONNECT_FAILED")
      #expect(
        error?.message.hasPrefix("http://no-such-host.invalid could not be reached: ") == true)
    }
  }

  @Test func `a connection that breaks is an error of the system`() async throws {
    try await HTTPFixture.with { request, responder in
      if request.uri == "/later" {
        try await responder.start(.ok, ["content-length": "100"])
        try await responder.write([1, 2, 3])
      }
      try await responder.disconnect()
    } _: { fixture in
      for path in ["/now", "/later"] {
        let error = await fixture.run(path).error
        #expect(error?.errorClass == .system && error?.code == "REQUEST_FAILED")
        #expect(error?.isFinal == false)
      }
    }
  }

  @Test func `TLS with a server that has none is an error of the system`() async throws {
    try await HTTPFixture.with { _, _ in
    } _: { fixture in
      let error = await fixture.run(url: "https://127.0.0.1:\(fixture.server.port)/").error
      #expect(error?.errorClass == .system && error?.isFinal == false)
      #expect(error?.message.contains("https://127.0.0.1:\(fixture.server.port)") == true)
    }
  }

  @Test func `two hundred run at once`() async throws {
    try await HTTPFixture.with { request, responder in
      try await responder.respond(.ok, body: request.body)
    } _: { fixture in
      #expect(await fixture.echoes(200))
    }
  }

  @Test func `requests to one host share its connections`() async throws {
    let open = Mutex((now: 0, max: 0))
    try await HTTPFixture.with(connectionsMax: 4) { request, responder in
      open.withLock { open in
        open.now += 1
        open.max = max(open.max, open.now)
      }
      // Others may come while this one waits.
      for _ in 0..<10 { await Task.yield() }
      open.withLock { $0.now -= 1 }
      try await responder.respond(.ok, body: request.body)
    } _: { fixture in
      #expect(await fixture.echoes(40))
    }
    #expect(open.withLock { $0.max } <= 4)
  }
}

extension HTTPFixture {
  /// Whether so many requests at once each get their own payload back.
  fileprivate func echoes(_ count: Int) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<count {
        group.addTask {
          let sink = RecordingSink()
          let data = Array("payload \(number)".utf8)
          // To wait for a connection is to connect, and there are few.
          let result = await run(data: data, into: sink) { $0.connectTimeout = .seconds(60) }
          return result == AttemptResult(.succeeded) && sink.bytes == data
        }
      }
      return await group.allSatisfy { $0 }
    }
  }
}
