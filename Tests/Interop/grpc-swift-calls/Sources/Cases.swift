import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf

/// The cases of gRPC's doc/interop-test-descriptions.md, by the names of ../cases.py.
enum Cases {
  typealias Client = GRPCClient<HTTP2ClientTransport.Posix>
  typealias Stub = Grpc_Testing_TestService.Client<HTTP2ClientTransport.Posix>
  typealias OutputRequest = Grpc_Testing_StreamingOutputCallRequest

  static let all: [String: @Sendable (Client) async throws -> Void] = [
    "empty_unary": emptyUnary,
    "large_unary": largeUnary,
    "client_compressed_unary": clientCompressedUnary,
    "server_compressed_unary": serverCompressedUnary,
    "client_streaming": clientStreaming,
    "client_compressed_streaming": clientCompressedStreaming,
    "server_streaming": serverStreaming,
    "server_compressed_streaming": serverCompressedStreaming,
    "ping_pong": pingPong,
    "empty_stream": emptyStream,
    "cancel_after_begin": cancelAfterBegin,
    "cancel_after_first_response": cancelAfterFirstResponse,
    "timeout_on_sleeping_server": timeoutOnSleepingServer,
    "status_code_and_message": { try await status($0, "test status message") },
    "special_status_message": {
      try await status($0, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
    },
    "unimplemented_method": unimplementedMethod,
    "unimplemented_service": unimplementedService,
    "custom_metadata": customMetadata,
  ]

  private static let sizes = [31_415, 9, 2_653, 58_979]
  private static let requestSizes = [27_182, 8, 1_828, 45_904]

  // MARK: Unary

  private static func emptyUnary(_ client: Client) async throws {
    let answer = try await Stub(wrapping: client).emptyCall(.init())
    try expect(answer == .init(), "an empty answer")
  }

  private static func largeUnary(_ client: Client) async throws {
    let answer = try await Stub(wrapping: client).unaryCall(simpleRequest())
    try expect(answer.payload == payload(314_159), "314159 zeroes")
  }

  private static func clientCompressedUnary(_ client: Client) async throws {
    let stub = Stub(wrapping: client)
    for isCompressed in [true, false] {
      var request = simpleRequest()
      request.expectCompressed.value = isCompressed
      let (right, wrong) = (options(isCompressed), options(!isCompressed))
      try await expectStatus(.invalidArgument) {
        _ = try await stub.unaryCall(request, options: wrong)
      }
      let answer = try await stub.unaryCall(request, options: right)
      try expect(answer.payload == payload(314_159), "314159 zeroes")
    }
  }

  private static func serverCompressedUnary(_ client: Client) async throws {
    for isCompressed in [true, false] {
      var request = simpleRequest()
      request.responseCompressed.value = isCompressed
      let answer = try await Stub(wrapping: client).unaryCall(request)
      try expect(answer.payload == payload(314_159), "314159 zeroes")
    }
  }

  private static func unimplementedMethod(_ client: Client) async throws {
    try await expectStatus(.unimplemented) {
      _ = try await Stub(wrapping: client).unimplementedCall(.init())
    }
  }

  private static func unimplementedService(_ client: Client) async throws {
    let stub = Grpc_Testing_UnimplementedService.Client(wrapping: client)
    try await expectStatus(.unimplemented) { _ = try await stub.unimplementedCall(.init()) }
  }

  // MARK: Streams

  private static func clientStreaming(_ client: Client) async throws {
    let answer = try await Stub(wrapping: client).streamingInputCall { writer in
      for size in requestSizes { try await writer.write(.with { $0.payload = payload(size) }) }
    }
    try expect(answer.aggregatedPayloadSize == 74_922, "a sum of 74922")
  }

  private static func clientCompressedStreaming(_ client: Client) async throws {
    let stub = Stub(wrapping: client)
    let request = Grpc_Testing_StreamingInputCallRequest.with {
      $0.payload = payload(27_182)
      $0.expectCompressed.value = true
    }
    try await expectStatus(.invalidArgument) {
      _ = try await stub.streamingInputCall { try await $0.write(request) }
    }
    let answer = try await stub.streamingInputCall(options: options(true)) {
      try await $0.write(request)
    }
    try expect(answer.aggregatedPayloadSize == 27_182, "a sum of 27182")
  }

  private static func serverStreaming(_ client: Client) async throws {
    try await expectSizes(client, outputRequest(sizes))
  }

  private static func serverCompressedStreaming(_ client: Client) async throws {
    var request = outputRequest(sizes)
    for index in sizes.indices {
      request.responseParameters[index].compressed.value = index % 2 == 0
    }
    try await expectSizes(client, request)
  }

  private static func expectSizes(_ client: Client, _ request: OutputRequest) async throws {
    let received = try await Stub(wrapping: client).streamingOutputCall(request) { response in
      try await response.messages.reduce(into: []) { $0.append($1.payload.body.count) }
    }
    try expect(received == sizes, "the sizes \(sizes) instead of \(received)")
  }

  private static func pingPong(_ client: Client) async throws {
    let (turns, next) = AsyncStream.makeStream(of: Int.self)
    next.yield(0)
    try await Stub(wrapping: client).fullDuplexCall { writer in
      for await turn in turns {
        try await writer.write(outputRequest([sizes[turn]], payload: requestSizes[turn]))
      }
    } onResponse: { response in
      var turn = 0
      for try await message in response.messages {
        try expect(message.payload.body.count == sizes[turn], "\(sizes[turn]) bytes")
        turn += 1
        if turn < sizes.count { next.yield(turn) } else { next.finish() }
      }
      try expect(turn == sizes.count, "four answers")
    }
  }

  private static func emptyStream(_ client: Client) async throws {
    try await Stub(wrapping: client).fullDuplexCall { _ in
    } onResponse: { response in
      for try await _ in response.messages { throw Failure("there is an answer") }
    }
  }

  // MARK: Ends

  private static func cancelAfterBegin(_ client: Client) async throws {
    let call = Task {
      _ = try await Stub(wrapping: client).streamingInputCall { _ in
        try await Task.sleep(for: .seconds(30))
      }
    }
    try await Task.sleep(for: .milliseconds(100))
    call.cancel()
    guard case .failure = await call.result else { throw Failure("it was not cancelled") }
  }

  private static func cancelAfterFirstResponse(_ client: Client) async throws {
    let (answered, hasAnswered) = AsyncStream.makeStream(of: Void.self)
    let call = Task {
      try await Stub(wrapping: client).fullDuplexCall { writer in
        try await writer.write(outputRequest([31_415], payload: 27_182))
        try await Task.sleep(for: .seconds(30))
      } onResponse: { response in
        for try await _ in response.messages { hasAnswered.finish() }
      }
    }
    for await _ in answered {}
    call.cancel()
    guard case .failure = await call.result else { throw Failure("it was not cancelled") }
  }

  private static func timeoutOnSleepingServer(_ client: Client) async throws {
    var options = CallOptions.defaults
    options.timeout = .milliseconds(1)
    try await expectStatus(.deadlineExceeded) {
      try await Stub(wrapping: client).fullDuplexCall(options: options) { writer in
        try await writer.write(outputRequest([31_415], payload: 27_182))
        try await Task.sleep(for: .seconds(30))
      } onResponse: { response in
        for try await _ in response.messages {}
      }
    }
  }

  private static func status(_ client: Client, _ message: String) async throws {
    let stub = Stub(wrapping: client)
    let status = Grpc_Testing_EchoStatus.with {
      $0.code = 2
      $0.message = message
    }
    let unary = try await expectStatus(.unknown) {
      _ = try await stub.unaryCall(.with { $0.responseStatus = status })
    }
    let stream = try await expectStatus(.unknown) {
      try await stub.fullDuplexCall {
        try await $0.write(.with { $0.responseStatus = status })
      } onResponse: { response in
        for try await _ in response.messages {}
      }
    }
    try expect(unary.message == message && stream.message == message, "the message")
  }

  private static func customMetadata(_ client: Client) async throws {
    let stub = Stub(wrapping: client)
    let bytes: [UInt8] = [0xab, 0xab, 0xab]
    let metadata: Metadata = [
      "x-grpc-test-echo-initial": "test_initial_metadata_value",
      "x-grpc-test-echo-trailing-bin": .binary(bytes),
    ]
    @Sendable func check(_ initial: Metadata, _ trailing: Metadata) throws {
      let text = initial[stringValues: "x-grpc-test-echo-initial"].first { _ in true }
      try expect(text == "test_initial_metadata_value", "the initial metadata")
      let binary = trailing[binaryValues: "x-grpc-test-echo-trailing-bin"].first { _ in true }
      try expect(binary == bytes, "the trailing metadata")
    }
    try await stub.unaryCall(simpleRequest(), metadata: metadata) { response in
      try check(response.metadata, response.trailingMetadata)
    }
    try await stub.fullDuplexCall(metadata: metadata) {
      try await $0.write(outputRequest([314_159], payload: 271_828))
    } onResponse: { response in
      var trailing: Metadata = [:]
      for try await part in try response.accepted.get().bodyParts {
        if case .trailingMetadata(let metadata) = part { trailing = metadata }
      }
      try check(response.metadata, trailing)
    }
  }

  // MARK: Messages and checks

  private static func payload(_ size: Int) -> Grpc_Testing_Payload {
    .with { $0.body = Data(count: size) }
  }

  private static func simpleRequest() -> Grpc_Testing_SimpleRequest {
    .with {
      $0.responseSize = 314_159
      $0.payload = payload(271_828)
    }
  }

  private static func outputRequest(_ sizes: [Int], payload size: Int = 0) -> OutputRequest {
    .with {
      $0.responseParameters = sizes.map { size in .with { $0.size = Int32(size) } }
      $0.payload = payload(size)
    }
  }

  private static func options(_ isCompressed: Bool) -> CallOptions {
    var options = CallOptions.defaults
    options.compression = isCompressed ? .gzip : CompressionAlgorithm.none
    return options
  }

  private struct Failure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  private static func expect(_ isTrue: Bool, _ what: String) throws {
    guard isTrue else { throw Failure("expected \(what)") }
  }

  @discardableResult
  private static func expectStatus(
    _ code: RPCError.Code, _ body: () async throws -> Void
  ) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      try expect(error.code == code, "\(code) instead of \(error)")
      return error
    }
    throw Failure("expected \(code) instead of OK")
  }
}
