import HTTP2
package import NIOCore

/// What a handler knows of its call, besides the messages.
package struct ServerCall: Sendable {
  let stream: ServerStream

  /// The full path, such as `/dispatch.events.v1.EventService/GetEvent`. Made anew each time.
  package var path: String {
    let head = stream.head!
    return head.fields.withValue(of: head.path) { String(decoding: $0, as: UTF8.self) }
  }

  /// The request's metadata, read from its headers each time it is asked for.
  package var metadata: Metadata { Metadata(stream.head!.fields) }

  /// The first value of one header, which must be text: cheaper than all of the metadata.
  package func header(_ name: StaticString) -> String? { stream.head!.fields.first(name) }

  /// When the client gives up; nil if it did not say. The handler's task is cancelled then.
  package var deadline: NIODeadline? { stream.callDeadline }

  /// Where the client is, such as `127.0.0.1:50312`.
  package var peer: String { stream.connection.peer }

  /// Who the client is by its certificate; nil without mutual TLS.
  package var peerIdentity: PeerIdentity? { stream.server.peerIdentity }

  /// The loop of the connection; the handler starts on it.
  package var eventLoop: any EventLoop { stream.loop }

  /// Runs tasks on that loop: what they write comes in between the handler's own writes, never in
  /// the middle of what it does between two awaits.
  package var executor: any TaskExecutor { stream.server.executor }

  /// Sent before the first response message; has no effect after that.
  package func setInitialMetadata(_ metadata: Metadata) {
    stream.onLoop { stream.initialMetadata = metadata }
  }

  /// How many of the messages read so far came compressed. Read it where the handler reads them.
  package var compressedMessages: Int { stream.compressedMessages }

  /// Compresses the messages that follow, or not, whatever ``ServerLimits/responseEncoding`` says;
  /// only if the client takes that encoding. The response's head says with the first message what
  /// the encoding is: after that it can be turned off and on, and not changed.
  package func setCompression(_ encoding: MessageEncoding) {
    stream.onLoop { stream.wantedEncoding = encoding }
  }

  /// Sent with the status, whatever it is.
  package func setTrailers(_ metadata: Metadata) {
    stream.onLoop { stream.trailingMetadata = metadata }
  }
}

/// The response messages of a streaming call.
package struct ResponseWriter: Sendable {
  let stream: ServerStream

  /// Sends a message. What one turn of the loop writes leaves together at its end. Suspends only
  /// while the client is slow, and throws CANCELLED when the call is over. Several tasks may write;
  /// each message stays whole.
  nonisolated(nonsending) package func write(_ message: ByteBuffer) async throws(RPCError) {
    try await stream.write(message)
  }
}

/// The request messages of a streaming call, in order. One task reads them, once. A handler that
/// does not read holds up the client after about 128 KiB.
package struct RequestStream: AsyncSequence, Sendable {
  let stream: ServerStream

  package func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

  /// Ends the sequence for its reader, after what has arrived; what comes later is dropped. For a
  /// server that drains: the client is told with the call's status.
  package func stop() {
    stream.onLoop { stream.endInbound(nil) }
  }

  package struct Iterator: AsyncIteratorProtocol {
    let stream: ServerStream

    /// Whether `next` returns without waiting; always false away from the call's loop.
    package var hasMore: Bool { stream.loop.inEventLoop && stream.inbound.isReady }

    /// Throws CANCELLED when the client went away before the last message.
    package mutating func next() async throws(RPCError) -> ByteBuffer? {
      try await stream.nextMessage()
    }

    package mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(RPCError) -> ByteBuffer? {
      try await stream.nextMessage()
    }
  }
}
