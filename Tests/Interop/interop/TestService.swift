import CTestProtos
import GRPC
import NIOCore

/// grpc.testing.TestService, as doc/interop-test-descriptions.md of gRPC says that it behaves.
enum TestService {
  static let name = "/grpc.testing.TestService"

  static func router() -> Router {
    var router = Router()
    router.unary("\(name)/EmptyCall") { call, _ in
      echoMetadata(call)
      return ByteBuffer(Empty.self)
    }
    router.unary("\(name)/UnaryCall", unary)
    router.serverStreaming("\(name)/StreamingOutputCall") { call, message, writer in
      try await respond(to: message, call, writer)
    }
    router.clientStreaming("\(name)/StreamingInputCall", input)
    router.bidirectional("\(name)/FullDuplexCall") { call, requests, writer in
      echoMetadata(call)
      for try await message in requests { try await respond(to: message, call, writer) }
    }
    router.bidirectional("\(name)/HalfDuplexCall") { call, requests, writer in
      var all: [ByteBuffer] = []
      for try await message in requests { all.append(message) }
      for message in all { try await respond(to: message, call, writer) }
    }
    return router
  }

  private static func unary(_ call: ServerCall, _ message: ByteBuffer) throws -> ByteBuffer {
    echoMetadata(call)
    return try message.read(SimpleRequest.self) { request in
      try expectCompressed(request.expect_compressed, call, messages: 1)
      if request.response_compressed?.pointee.value == 1 { call.setCompression(.gzip) }
      try fail(as: request.response_status)
      return ByteBuffer(SimpleResponse.self) { response, draft in
        response.payload = draft.payload(of: Int(request.response_size))
      }
    }
  }

  private static func input(_ call: ServerCall, _ requests: RequestStream) async throws
    -> ByteBuffer
  {
    var sum = 0
    var compressed = 0
    for try await message in requests {
      try message.read(InputRequest.self) { request in
        if request.expect_compressed?.pointee.value == 1 {
          compressed += 1
          try expectCompressed(request.expect_compressed, call, messages: compressed)
        }
        sum += request.payload?.pointee.body.len ?? 0
      }
    }
    return ByteBuffer(InputResponse.self) { response, _ in
      response.aggregated_payload_size = Int32(sum)
    }
  }

  /// A message of the request's parameters.
  private struct Response {
    let count: Int
    let pause: Duration
    let isCompressed: Bool
  }

  private static func respond(
    to message: ByteBuffer, _ call: ServerCall, _ writer: ResponseWriter
  ) async throws {
    let responses = try message.read(OutputRequest.self) { request in
      try fail(as: request.response_status)
      return (0..<request.n_response_parameters).map { index in
        let parameters = request.response_parameters[index]!.pointee
        return Response(
          count: Int(parameters.size), pause: .microseconds(Int64(parameters.interval_us)),
          isCompressed: parameters.compressed?.pointee.value == 1)
      }
    }
    for response in responses {
      if response.pause > .zero { try await Task.sleep(for: response.pause) }
      call.setCompression(response.isCompressed ? .gzip : .identity)
      try await writer.write(
        ByteBuffer(OutputResponse.self) { message, draft in
          message.payload = draft.payload(of: response.count)
        })
    }
  }

  // MARK: What several methods do

  private static func echoMetadata(_ call: ServerCall) {
    let metadata = call.metadata
    var head = Metadata()
    for text in metadata.texts(named: "x-grpc-test-echo-initial") {
      try? head.add(text, for: "x-grpc-test-echo-initial")
    }
    call.setInitialMetadata(head)
    var trailers = Metadata()
    for bytes in metadata.binaries(named: "x-grpc-test-echo-trailing-bin") {
      try? trailers.add(binary: bytes, for: "x-grpc-test-echo-trailing-bin")
    }
    call.setTrailers(trailers)
  }

  private static func fail(as status: UnsafeMutablePointer<EchoStatus>?) throws {
    guard let status = status?.pointee, status.code != 0 else { return }
    let message = status.message.map { String(cString: $0) } ?? ""
    throw RPCError(StatusCode(rawValue: Int(status.code)) ?? .unknown, message)
  }

  /// - Parameter messages: how many of the call's are said to have come compressed by now.
  private static func expectCompressed(
    _ expected: UnsafeMutablePointer<BoolValue>?, _ call: ServerCall, messages: Int
  ) throws {
    guard let expected else { return }
    let isCompressed = call.compressedMessages >= messages
    guard (expected.pointee.value == 1) == isCompressed else {
      throw RPCError(
        .invalidArgument,
        isCompressed ? "the message is compressed" : "the message is not compressed")
    }
  }
}
