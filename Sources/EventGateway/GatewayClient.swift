package import EventCore
package import GRPC
package import Messages
internal import NIOCore

/// The gateway's API from the client's side, in terms of messages.
package struct GatewayClient: Sendable {
  private let client: GRPCClient
  private let metadata: Metadata
  private let options: CallOptions

  /// - Parameters:
  ///   - organization: nil for the default one.
  ///   - timeout: of each call; nil waits as long as it takes.
  package init(_ client: GRPCClient, organization: Organization?, timeout: Duration?) {
    self.client = client
    metadata = organization.map { ["x-dispatch-org": $0.name] } ?? [:]
    options = CallOptions(timeout: timeout.map { .nanoseconds($0.wholeNanoseconds) })
  }

  /// - Parameter method: such as `EventService/GetEvent`.
  /// - Throws: `RPCError`, or `GatewayError` if the answer is malformed.
  package func call<Response: WireMessage>(
    _ method: String, _ request: some WireMessage, as: Response.Type = Response.self
  ) async throws -> Response {
    let answer = try await client.unary(
      Self.path(method), request.buffer(as: .client), metadata: metadata, options: options)
    return try Response(unpacking: answer, from: .server)
  }

  /// Calls `body` with each answer as it comes.
  package func stream<Response: WireMessage>(
    _ method: String, _ request: some WireMessage, _ body: (Response) throws -> Void
  ) async throws {
    let answers = client.serverStreaming(
      Self.path(method), request.buffer(as: .client), metadata: metadata, options: options)
    for try await answer in answers {
      try body(Response(unpacking: answer, from: .server))
    }
  }

  /// Both sides at once: sends what `sending` gives its argument, until it returns, and calls `body`
  /// with each answer until the last.
  ///
  /// - Parameter sending: suspends while the gateway is slow.
  package func exchange<Request: WireMessage, Response: WireMessage>(
    _ method: String,
    sending: @escaping @Sendable ((Request) async throws -> Void) async throws -> Void,
    receiving body: (Response) throws -> Void
  ) async throws {
    let (requests, answers) = client.bidirectional(
      Self.path(method), metadata: metadata, options: options)
    // Not a child: it may wait for its input when the call has ended, and nobody waits for it then.
    let sender = Task {
      do {
        try await sending { try await requests.write($0.buffer(as: .client)) }
        requests.finish()
      } catch let error where (error as? RPCError)?.code != .cancelled {
        answers.cancel()
        throw error
      }
    }
    do {
      for try await answer in answers { try body(Response(unpacking: answer, from: .server)) }
    } catch let error as RPCError where error.code == .cancelled {
      // Its sender gave up: that says why.
      try await sender.value
      throw error
    }
    sender.cancel()
  }

  private static func path(_ method: String) -> String { "/dispatch.events.v1.\(method)" }
}
