internal import EventCore
internal import GRPC
internal import Messages
internal import NIOCore

/// Methods in terms of messages instead of bytes.
extension Router {
  mutating func unary<Request: WireMessage, Response: WireMessage>(
    _ path: String, _ body: @escaping @Sendable (Call, Request) async throws -> Response
  ) {
    unary(path) { call, bytes in
      try await body(Call(call), Request(unpacking: bytes, from: .client)).buffer
    }
  }

  mutating func serverStreaming<Request: WireMessage, Response: WireMessage>(
    _ path: String,
    _ body: @escaping @Sendable (Call, Request, Responses<Response>) async throws -> Void
  ) {
    serverStreaming(path) { call, bytes, writer in
      try await body(Call(call), Request(unpacking: bytes, from: .client), Responses(writer))
    }
  }

  mutating func bidirectional<Request: WireMessage, Response: WireMessage>(
    _ path: String,
    _ body: @escaping @Sendable (Request, Responses<Response>) async throws -> Void
  ) {
    bidirectional(path) { _, requests, writer in
      for try await bytes in requests {
        try await body(Request(unpacking: bytes, from: .client), Responses(writer))
      }
    }
  }
}

/// The response messages of a streaming method.
struct Responses<Response: WireMessage>: Sendable {
  private let writer: ResponseWriter

  init(_ writer: ResponseWriter) {
    self.writer = writer
  }

  /// Suspends only while the client is slow; what one turn of the loop writes leaves together.
  nonisolated(nonsending) func write(_ response: Response) async throws(RPCError) {
    try await writer.write(response.buffer)
  }
}
