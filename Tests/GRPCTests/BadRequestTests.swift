import HTTP2
import NIOCore
import Testing

@testable import GRPC

/// Requests that are not calls we can serve. After each, the connection serves the next.
@Suite struct BadRequestTests {
  /// Sends one request, checks that a good call still works, and returns the first one's answer.
  private func answer(
    _ head: HeaderBlock, _ bytes: [UInt8] = Wire.framed("x"), isLast: Bool = true,
    limits: ServerLimits = .init()
  ) throws -> Wire.Response {
    let wire = try Wire(limits: limits)
    let stream = try wire.open(head, bytes, isLast: isLast)
    #expect(try wire.echo("still here") == "still here")
    #expect(wire.connection.runningHandlers == 0)
    #expect(wire.connection.openStreams == 0)
    return try #require(wire.responses[stream.id])
  }

  @Test func `an unknown method is UNIMPLEMENTED in a single header section`() throws {
    let answer = try answer(Wire.head("/test.Echo/Nope"))
    #expect(answer.status == "12")
    #expect(answer.message == "unknown method /test.Echo/Nope")
    #expect(answer.trailers == nil)
  }

  @Test(arguments: ["/", "", "/test.Echo", "/test.Echo/", "/test.Echo/Unary/", "*"])
  func `a path that is no method is refused`(_ path: String) throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head(path), Wire.framed("x"))
    let answer = try #require(wire.responses[stream.id])
    // nghttp2 itself refuses what is no path at all.
    #expect(answer.status == "12" || answer.closed == .protocolError)
    #expect(try wire.echo("still here") == "still here")
  }

  @Test func `a GET is answered with 405 and what is allowed`() throws {
    let answer = try answer(
      HeaderBlock([
        (":method", "GET"), (":scheme", "http"), (":authority", "test"),
        (":path", "/test.Echo/Unary"),
        ("content-type", "application/grpc"),
      ]))
    #expect(answer.httpStatus == "405")
    #expect(answer.head?["allow"] == "POST")
    #expect(answer.status == nil)
  }

  @Test(arguments: ["application/json", "application/grpcfoo", "application/grp", "", "text/html"])
  func `another content type is answered with 415 and a reason`(_ type: String) throws {
    var head = HeaderBlock([(":method", "POST"), (":scheme", "http"), (":authority", "test")])
    head.append(":path", "/test.Echo/Unary")
    head.append("content-type", type)
    let answer = try answer(head)
    #expect(answer.httpStatus == "415")
    #expect(String(buffer: answer.body) == "the content-type must be application/grpc\n")
  }

  @Test func `no content type at all is answered with 415`() throws {
    let head = HeaderBlock([
      (":method", "POST"), (":scheme", "http"), (":authority", "test"),
      (":path", "/test.Echo/Unary"),
    ])
    #expect(try answer(head).httpStatus == "415")
  }

  @Test(arguments: ["application/grpc+proto", "application/grpc;charset=utf-8"])
  func `a content type with a subtype or parameters is gRPC`(_ type: String) throws {
    var head = HeaderBlock([(":method", "POST"), (":scheme", "http"), (":authority", "test")])
    head.append(":path", "/test.Echo/Unary")
    head.append("content-type", type)
    #expect(try answer(head).status == "0")
  }

  @Test func `an unknown encoding is UNIMPLEMENTED with those we have`() throws {
    let answer = try answer(Wire.head("/test.Echo/Unary", [("grpc-encoding", "zstd")]))
    #expect(answer.status == "12")
    #expect(answer.head?["grpc-accept-encoding"] == "identity,deflate,gzip")
  }

  @Test func `the identity encoding is accepted`() throws {
    let answer = try answer(Wire.head("/test.Echo/Unary", [("grpc-encoding", "identity")]))
    #expect(answer.status == "0")
  }

  @Test(arguments: [1, 2, 255] as [UInt8])
  func `a wrong compression flag is INTERNAL`(_ flag: UInt8) throws {
    let answer = try answer(Wire.head, [flag, 0, 0, 0, 1, 65])
    #expect(answer.status == "13")
    #expect(answer.message?.contains("compress") == true)
  }

  @Test func `a length prefix of 4 GiB is refused before its message comes`() throws {
    let answer = try answer(Wire.head, [0, 0xFF, 0xFF, 0xFF, 0xFF], isLast: false)
    #expect(answer.status == "8")
    #expect(answer.message == "a message of 4294967295 bytes is over the limit of 4194304")
    // The client is told to stop sending it.
    #expect(answer.closed == .noError)
  }

  @Test func `half a message is INTERNAL`() throws {
    let answer = try answer(Wire.head, [0, 0, 0, 0, 10, 1, 2, 3])
    #expect(answer.status == "13")
    #expect(answer.message == "the request ended in the middle of a message")
  }

  @Test func `half a length prefix is INTERNAL`() throws {
    #expect(try answer(Wire.head, [0, 0, 0]).status == "13")
  }

  @Test func `a unary call without a message is INTERNAL`() throws {
    let answer = try answer(Wire.head, [])
    #expect(answer.status == "13")
    #expect(answer.message == "the request ended without a message")
  }

  @Test func `a second message on a unary call is INTERNAL`() throws {
    let answer = try answer(Wire.head, Wire.framed("a") + Wire.framed("b"))
    #expect(answer.status == "13")
    #expect(answer.message == "a second message on a call that takes one")
  }

  @Test(arguments: ["", "5", "S", "123456789S", "5s", "-1S", "1.5S", "+1S", "5 S"])
  func `an ill-formed timeout is INVALID_ARGUMENT`(_ timeout: String) throws {
    let answer = try answer(Wire.head("/test.Echo/Unary", [("grpc-timeout", timeout)]))
    #expect(answer.status == "3")
    #expect(answer.message?.hasPrefix("grpc-timeout is ill-formed") == true)
  }

  @Test(arguments: ["99999999H", "1S", "100m", "99999999n"])
  func `a well-formed timeout is accepted`(_ timeout: String) throws {
    #expect(try answer(Wire.head("/test.Echo/Unary", [("grpc-timeout", timeout)])).status == "0")
  }

  @Test func `a timeout of nothing is DEADLINE_EXCEEDED at once`() throws {
    #expect(try answer(Wire.head("/test.Echo/Unary", [("grpc-timeout", "0n")])).status == "4")
  }

  @Test(arguments: ["%%%", "A", "AAAAA", "AA=A", "AA,!"])
  func `binary metadata that is not base64 is INTERNAL`(_ value: String) throws {
    let answer = try answer(Wire.head("/test.Echo/Unary", [("x-trace-bin", value)]))
    #expect(answer.status == "13")
    #expect(answer.message == "the metadata x-trace-bin is not base64")
  }

  @Test func `headers over the limit are answered with 431`() throws {
    let large = String(repeating: "v", count: 8 * 1024)
    #expect(try answer(Wire.head("/test.Echo/Unary", [("x", large)])).httpStatus == "431")
  }

  /// Sends `bytes` and trailers over the limit, in one read.
  private func endTooLarge(_ wire: Wire, _ stream: HTTP2Stream, after bytes: [UInt8]) throws {
    var trailers = HeaderBlock()
    trailers.append("x", String(repeating: "v", count: 8 * 1024))
    bytes.withUnsafeBytes { stream.body.append($0) }
    stream.body.finish(trailers: trailers)
    wire.client.resume(stream)
    try wire.exchange()
    #expect(try wire.echo("still here") == "still here")
    #expect(wire.connection.openStreams == 0)
    #expect(wire.connection.runningHandlers == 0)
  }

  @Test(arguments: ["/test.Echo/Unary", "/test.Echo/Collect"])
  func `trailers over the limit are RESOURCE_EXHAUSTED before the answer has begun`(
    _ path: String
  ) throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head(path), isLast: false)
    try endTooLarge(wire, stream, after: Wire.framed("a"))
    #expect(wire.responses[stream.id]?.status == "8")
    #expect(wire.responses[stream.id]?.message == "the request's trailers are over the limit")
    #expect(wire.responses[stream.id]?.trailers == nil)
  }

  @Test func `trailers over the limit are RESOURCE_EXHAUSTED after the answer has begun`() throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head("/test.Echo/Chat"), Wire.framed("a"), isLast: false)
    #expect(wire.responses[stream.id]?.messages == ["a"])
    try endTooLarge(wire, stream, after: [])
    #expect(wire.responses[stream.id]?.httpStatus == "200")
    #expect(wire.responses[stream.id]?.messages == ["a"])
    #expect(wire.responses[stream.id]?.trailers?["grpc-status"] == "8")
  }

  /// This once ended the process.
  @Test func `trailers over the limit of a call that has just failed change nothing`() throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head("/test.Echo/Chat"), Wire.framed("a"), isLast: false)
    try endTooLarge(wire, stream, after: [7, 0, 0, 0, 0])
    #expect(wire.responses[stream.id]?.trailers?["grpc-status"] == "13")
  }

  @Test(arguments: ["/test.Echo/Unary", "/test.Echo/Nope"])
  func `trailers over the limit of a refused request change nothing`(_ path: String) throws {
    let wire = try Wire()
    let stream = HTTP2Stream()
    try wire.client.submitRequest(Wire.head(path), on: stream, hasBody: true)
    try endTooLarge(wire, stream, after: [7, 0, 0, 0, 0])
    #expect(wire.responses[stream.id]?.status == (path.hasSuffix("Nope") ? "12" : "13"))
  }

  @Test func `a refused request may go on sending its body without harm`() throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head("/test.Echo/Nope"), Wire.framed("a"), isLast: false)
    #expect(wire.responses[stream.id]?.status == "12")
    #expect(wire.connection.openStreams == 0)
  }

  @Test func `a request in single bytes is the same request`() throws {
    let wire = try Wire()
    let stream = try wire.open(Wire.head, [], isLast: false)
    let bytes = Wire.framed("drop by drop")
    for (index, byte) in bytes.enumerated() {
      try wire.send([byte], on: stream, isLast: index == bytes.count - 1)
    }
    #expect(wire.responses[stream.id]?.messages == ["drop by drop"])
  }

  @Test func `many messages in one frame are many messages`() throws {
    let wire = try Wire()
    let words = ["a", "", "bc"]
    let stream = try wire.open(Wire.head("/test.Echo/Chat"), words.flatMap(Wire.framed))
    #expect(wire.responses[stream.id]?.messages == words)
    #expect(wire.responses[stream.id]?.status == "0")
  }
}
