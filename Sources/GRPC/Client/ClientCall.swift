import HTTP2
package import NIOCore

/// The request messages of a streaming call.
package struct RequestWriter: Sendable {
  let stream: ClientStream

  /// Sends a message. Suspends only while the server is slow, and throws CANCELLED when the call
  /// has ended; its status is then in the responses.
  nonisolated(nonsending) package func write(_ message: ByteBuffer) async throws(RPCError) {
    try await stream.write(message)
  }

  /// No more messages will follow.
  package func finish() { stream.onLoop { stream.finishRequests() } }
}

/// The response messages of a call, in order; read once, by one task. It ends after an OK status
/// and throws ``RPCError`` for any other. The last copy to go cancels a call that has not ended.
package struct ResponseStream: AsyncSequence, Sendable {
  private let lifetime: Lifetime

  init(_ stream: ClientStream) { lifetime = Lifetime(stream: stream) }

  /// Resets the stream; the sequence then throws CANCELLED.
  package func cancel() { lifetime.cancel() }

  /// The response's initial metadata; empty until the first message or the end is there.
  package var initialMetadata: Metadata {
    get async { await read { $0.initialMetadata } }
  }

  /// The trailing metadata of a call that ended with OK; empty before.
  package var trailingMetadata: Metadata {
    get async { await read { $0.trailingMetadata } }
  }

  package func makeAsyncIterator() -> Iterator { Iterator(lifetime: lifetime) }

  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let lifetime: Lifetime

    package mutating func next() async throws(RPCError) -> ByteBuffer? {
      try await lifetime.next()
    }

    package mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(RPCError) -> ByteBuffer? {
      try await lifetime.next()
    }
  }

  /// For calls with one response: exactly one, or an error.
  func single() async throws(RPCError) -> ByteBuffer {
    guard let message = try await lifetime.next() else {
      throw RPCError(.internal, "the server answered OK without a message")
    }
    guard try await lifetime.next() == nil else {
      throw RPCError(.internal, "the server sent a second message on a call that has one")
    }
    return message
  }

  private func read(_ part: @escaping @Sendable (ClientStream) -> Metadata) async -> Metadata {
    let stream = lifetime.stream
    return await stream.afterHop { part(stream) }
  }

  /// Shared by the copies of a sequence and its iterators.
  fileprivate final class Lifetime: Sendable {
    let stream: ClientStream

    init(stream: ClientStream) { self.stream = stream }

    deinit { cancel() }

    nonisolated(nonsending) func next() async throws(RPCError) -> ByteBuffer? {
      do throws(RPCError) {
        let message = try await stream.nextMessage()
        return message
      } catch {
        // Covers a cancelled reader: nobody will read on.
        if error.code == .cancelled { cancel() }
        throw error
      }
    }

    /// Does nothing to a call that has ended.
    func cancel() {
      let stream = stream
      stream.onLoop { stream.cancel() }
    }
  }
}
