import CTestProtos
import GRPC
import NIOCore

/// The cases of doc/interop-test-descriptions.md, by name, with our client.
enum ClientCases {
  typealias Case = @Sendable (GRPCClient) async throws -> Void

  static let all: [String: Case] = [
    "empty_unary": emptyUnary,
    "large_unary": { try await largeUnary($0) },
    "client_compressed_unary": { try await largeUnary($0, encoding: .gzip) },
    "server_compressed_unary": { try await largeUnary($0, isResponseCompressed: true) },
    "client_streaming": { try await clientStreaming($0) },
    "client_compressed_streaming": { try await clientStreaming($0, encoding: .gzip) },
    "server_streaming": { try await serverStreaming($0) },
    "server_compressed_streaming": { try await serverStreaming($0, isCompressed: true) },
    "ping_pong": pingPong,
    "empty_stream": emptyStream,
    "cancel_after_begin": cancelAfterBegin,
    "cancel_after_first_response": cancelAfterFirstResponse,
    "timeout_on_sleeping_server": timeoutOnSleepingServer,
    "status_code_and_message": { try await status($0, "test status message") },
    "special_status_message": {
      try await status($0, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
    },
    "unimplemented_method": {
      try await unimplemented($0, "\(TestService.name)/UnimplementedCall")
    },
    "unimplemented_service": {
      try await unimplemented($0, "/grpc.testing.UnimplementedService/UnimplementedCall")
    },
    "custom_metadata": customMetadata,
  ]

  private static let sizes = [31415, 9, 2653, 58979]
  private static let requestSizes = [27182, 8, 1828, 45904]

  private static func emptyUnary(_ client: GRPCClient) async throws {
    let answer = try await client.unary("\(TestService.name)/EmptyCall", ByteBuffer(Empty.self))
    try expect(answer.readableBytes == 0, "the answer is empty")
  }

  private static func largeUnary(
    _ client: GRPCClient, encoding: MessageEncoding = .identity, isResponseCompressed: Bool = false
  ) async throws {
    let request = simpleRequest { request, draft in
      if encoding != .identity { request.expect_compressed = draft.bool(true) }
      if isResponseCompressed { request.response_compressed = draft.bool(true) }
    }
    let answer = try await client.unary(
      "\(TestService.name)/UnaryCall", request, options: .init(encoding: encoding))
    try expect(try simpleResponseBytes(answer) == 314_159, "the answer has 314159 bytes")
  }

  private static func clientStreaming(
    _ client: GRPCClient, encoding: MessageEncoding = .identity
  ) async throws {
    let answer = try await client.clientStreaming(
      "\(TestService.name)/StreamingInputCall", options: .init(encoding: encoding)
    ) { writer in
      for size in requestSizes {
        try await writer.write(
          ByteBuffer(InputRequest.self) { $0.payload = $1.payload(of: size) })
      }
    }
    let sum = try answer.read(InputResponse.self) { $0.aggregated_payload_size }
    try expect(sum == 74_922, "the sum is 74922, not \(sum)")
  }

  private static func serverStreaming(
    _ client: GRPCClient, isCompressed: Bool = false
  ) async throws {
    let request = outputRequest(sizes, isCompressed: isCompressed)
    var received: [Int] = []
    let path = "\(TestService.name)/StreamingOutputCall"
    for try await message in client.serverStreaming(path, request) {
      received.append(try outputBytes(message))
    }
    try expect(received == sizes, "the sizes are \(sizes), not \(received)")
  }

  private static func pingPong(_ client: GRPCClient) async throws {
    let (requests, responses) = client.bidirectional("\(TestService.name)/FullDuplexCall")
    var iterator = responses.makeAsyncIterator()
    for (size, requestSize) in zip(sizes, requestSizes) {
      try await requests.write(outputRequest([size], payload: requestSize))
      guard let message = try await iterator.next() else { throw Failure("it ended early") }
      try expect(try outputBytes(message) == size, "an answer of \(size) bytes")
    }
    requests.finish()
    try expect(try await iterator.next() == nil, "no more than four answers")
  }

  private static func emptyStream(_ client: GRPCClient) async throws {
    let (requests, responses) = client.bidirectional("\(TestService.name)/FullDuplexCall")
    requests.finish()
    for try await _ in responses { throw Failure("there is an answer") }
  }

  private static func cancelAfterBegin(_ client: GRPCClient) async throws {
    let (_, responses) = client.bidirectional("\(TestService.name)/StreamingInputCall")
    responses.cancel()
    try await expectStatus(.cancelled) { for try await _ in responses {} }
  }

  private static func cancelAfterFirstResponse(_ client: GRPCClient) async throws {
    let (requests, responses) = client.bidirectional("\(TestService.name)/FullDuplexCall")
    try await requests.write(outputRequest([31415], payload: 27182))
    try await expectStatus(.cancelled) {
      for try await _ in responses { responses.cancel() }
    }
  }

  private static func timeoutOnSleepingServer(_ client: GRPCClient) async throws {
    let (requests, responses) = client.bidirectional(
      "\(TestService.name)/FullDuplexCall", options: .init(timeout: .milliseconds(1)))
    try await expectStatus(.deadlineExceeded) {
      // The write may find the call over already; the responses say why.
      try? await requests.write(outputRequest([31415], payload: 27182))
      for try await _ in responses {}
    }
  }

  private static func status(_ client: GRPCClient, _ message: String) async throws {
    let unary = ByteBuffer(SimpleRequest.self) { request, draft in
      request.response_status = draft.status(2, message)
    }
    let error = try await expectStatus(.unknown) {
      _ = try await client.unary("\(TestService.name)/UnaryCall", unary)
    }
    try expect(error.message == message, "the message is \(message), not \(error.message)")
    guard message == "test status message" else { return }
    let (requests, responses) = client.bidirectional("\(TestService.name)/FullDuplexCall")
    try await requests.write(
      ByteBuffer(OutputRequest.self) { $0.response_status = $1.status(2, message) })
    requests.finish()
    try await expectStatus(.unknown) { for try await _ in responses {} }
  }

  private static func unimplemented(_ client: GRPCClient, _ path: String) async throws {
    try await expectStatus(.unimplemented) {
      _ = try await client.unary(path, ByteBuffer(Empty.self))
    }
  }

  private static func customMetadata(_ client: GRPCClient) async throws {
    var metadata: Metadata = ["x-grpc-test-echo-initial": "test_initial_metadata_value"]
    try metadata.add(binary: [0xab, 0xab, 0xab], for: "x-grpc-test-echo-trailing-bin")
    let unary = client.serverStreaming(
      "\(TestService.name)/UnaryCall", simpleRequest(), metadata: metadata)
    for try await _ in unary {}
    try await expectEchoed(unary)
    let (requests, responses) = client.bidirectional(
      "\(TestService.name)/FullDuplexCall", metadata: metadata)
    try await requests.write(outputRequest([314_159], payload: 271_828))
    requests.finish()
    for try await _ in responses {}
    try await expectEchoed(responses)
  }

  private static func expectEchoed(_ responses: ResponseStream) async throws {
    let head = await responses.initialMetadata["x-grpc-test-echo-initial"]
    try expect(
      head == "test_initial_metadata_value", "the initial metadata is echoed: \(head ?? "")")
    let trailing = await responses.trailingMetadata
      .binaries(named: "x-grpc-test-echo-trailing-bin")
    try expect(trailing == [[0xab, 0xab, 0xab]], "the trailing metadata is echoed: \(trailing)")
  }
}

// MARK: - Messages and checks

extension ClientCases {
  private static func simpleRequest(
    _ more: (inout SimpleRequest, Draft) -> Void = { _, _ in }
  ) -> ByteBuffer {
    ByteBuffer(SimpleRequest.self) { request, draft in
      request.response_size = 314_159
      request.payload = draft.payload(of: 271_828)
      more(&request, draft)
    }
  }

  private static func simpleResponseBytes(_ message: ByteBuffer) throws -> Int {
    try message.read(SimpleResponse.self) { $0.payload?.pointee.body.len ?? 0 }
  }

  private static func outputRequest(
    _ sizes: [Int], payload: Int = 0, isCompressed: Bool = false
  ) -> ByteBuffer {
    ByteBuffer(OutputRequest.self) { request, draft in
      let parameters = sizes.map { size in
        let parameters = draft.make(ResponseParameters.self)
        parameters.pointee.size = Int32(size)
        if isCompressed { parameters.pointee.compressed = draft.bool(true) }
        return parameters
      }
      request.n_response_parameters = parameters.count
      request.response_parameters = draft.array(parameters)
      request.payload = draft.payload(of: payload)
    }
  }

  private static func outputBytes(_ message: ByteBuffer) throws -> Int {
    try message.read(OutputResponse.self) { $0.payload?.pointee.body.len ?? 0 }
  }

  private static func expect(_ isSo: Bool, _ what: String) throws {
    guard isSo else { throw Failure("expected: \(what)") }
  }

  @discardableResult
  private static func expectStatus(
    _ code: StatusCode, _ body: () async throws -> Void
  ) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      try expect(error.code == code, "\(code.name), not \(error.code.name): \(error.message)")
      return error
    }
    throw Failure("expected \(code.name), but the call succeeded")
  }
}

extension Draft {
  fileprivate func status(_ code: Int32, _ message: String) -> UnsafeMutablePointer<EchoStatus> {
    let status = make(EchoStatus.self)
    status.pointee.code = code
    status.pointee.message = text(message)
    return status
  }
}
