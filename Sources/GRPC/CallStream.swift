import HTTP2
import NIOCore

/// One call, as both sides have it: messages in, messages out, a deadline. The sides are
/// ``ServerStream`` and ``ClientStream``.
///
/// `@unchecked Sendable` because tasks carry it: everything it holds is touched on its event loop
/// only, and the methods that tasks call go there first. For the same reason exclusivity is not
/// checked at run time here and in the other classes of a connection (3 % more unary calls per CPU
/// second, both builds measured side by side).
class CallStream: HTTP2Stream, @unchecked Sendable {
  /// Set when the call begins, on the loop.
  @exclusivity(unchecked) final var connection: Connection!

  final let loop: any EventLoop
  @exclusivity(unchecked) final var deframer: MessageDeframer
  @exclusivity(unchecked) final var inbound = InboundMessages()
  @exclusivity(unchecked) final var readers = WaitingTasks()
  @exclusivity(unchecked) final var writers = WaitingTasks()

  /// Of those that were read.
  @exclusivity(unchecked) final var compressedMessages = 0

  /// When the call ends with DEADLINE_EXCEEDED. See ``Connection/watchDeadline``.
  @exclusivity(unchecked) final var deadline = NIODeadline.distantFuture

  init(loop: any EventLoop, messageBytesMax: Int) {
    self.loop = loop
    deframer = MessageDeframer(messageBytesMax: messageBytesMax)
  }

  // MARK: What the sides do differently

  /// A whole message arrived.
  func receive(_ message: ReceivedMessage) { preconditionFailure("abstract") }

  /// The peer broke the framing or a limit.
  func fail(_ error: RPCError) { preconditionFailure("abstract") }

  /// Queues a message; throws if the call is over.
  func enqueue(_ message: ByteBuffer) throws(RPCError) { preconditionFailure("abstract") }

  /// The deadline has passed.
  func expire() { preconditionFailure("abstract") }

  /// Bytes have arrived, or a reader has taken some.
  func heldBytesChanged() {}

  /// The stream is gone, with the reason in `closed`.
  func didClose() { preconditionFailure("abstract") }

  // MARK: Data

  final func receive(data: UnsafeRawBufferPointer) {
    connection.session.consumeConnection(data.count)
    connection.session.consume(inbound.receive(data.count), on: self)
    var rest = data
    do throws(RPCError) {
      while let message = try deframer.next(&rest) {
        connection.session.earnMessage()
        receive(message)
      }
    } catch {
      fail(error)
    }
    heldBytesChanged()
  }

  /// Goes to the loop and back, for tasks that live elsewhere.
  final func afterHop<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withTaskExecutorPreference(EventLoopExecutor.of(loop)) { body() }
  }

  final func onLoop(_ body: @escaping @Sendable () -> Void) {
    if loop.inEventLoop { body() } else { loop.execute(body) }
  }
}

// MARK: - Reading

extension CallStream {
  /// The next message, or nil after the last. One task reads at a time.
  nonisolated(nonsending) final func nextMessage() async throws(RPCError) -> ByteBuffer? {
    while true {
      let next = loop.inEventLoop ? takeMessage() : await takeMessageFromElsewhere()
      switch next {
      case .message(let message): return message.bytes
      case .end: return nil
      case .failed(let error): throw error
      case .nothingYet:
        guard !Task.isCancelled else { throw RPCError(.cancelled, "the reader was cancelled") }
        await waitToRead()
      }
    }
  }

  private func takeMessage() -> InboundMessages.Next {
    var next = inbound.next()
    if case .message(let message) = next, message.encoding != .identity { next = inflated(message) }
    heldBytesChanged()
    let released = inbound.takeReleasedBytes()
    if released > 0, closed == nil {
      connection.session.consume(released, on: self)
      connection.setNeedsFlush()
    }
    return next
  }

  /// A message that cannot be had ends the call for both of its sides.
  private func inflated(_ message: ReceivedMessage) -> InboundMessages.Next {
    compressedMessages += 1
    do throws(RPCError) {
      return .message(ReceivedMessage(try message.inflated(bytesMax: deframer.messageBytesMax)))
    } catch {
      inbound.abandon(error)
      fail(error)
      return .failed(error)
    }
  }

  private func takeMessageFromElsewhere() async -> InboundMessages.Next {
    await afterHop { self.takeMessage() }
  }

  nonisolated(nonsending) private func waitToRead() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        onLoop { self.readers.add(continuation, unless: self.inbound.isReady) }
      }
    } onCancel: {
      loop.execute { self.readers.cancel() }
    }
  }

  final func deliver(_ message: ReceivedMessage) {
    inbound.append(message)
    readers.resumeAll()
  }

  /// Ends what the reader sees, after what it has not read yet; `nil` for a good end.
  final func endInbound(_ error: RPCError?) {
    inbound.finish(error)
    readers.resumeAll()
  }

  /// Ends what the reader sees at once.
  final func abandonInbound(_ error: RPCError) {
    inbound.abandon(error)
    readers.resumeAll()
  }
}

// MARK: - Writing

extension CallStream {
  /// Queues a message, and suspends while the peer is slow: more than
  /// ``Limits/outboundHighMarkBytes`` wait for it.
  nonisolated(nonsending) final func write(_ message: ByteBuffer) async throws(RPCError) {
    if loop.inEventLoop {
      try enqueue(message)
      guard body.count > Limits.outboundHighMarkBytes else { return }
    } else {
      try await enqueueFromElsewhere(message).get()
    }
    await waitToWrite()
    guard !Task.isCancelled else { throw RPCError(.cancelled, "the writer was cancelled") }
  }

  private func enqueueFromElsewhere(_ message: ByteBuffer) async -> Result<Void, RPCError> {
    await afterHop { Result { () throws(RPCError) in try self.enqueue(message) } }
  }

  nonisolated(nonsending) private func waitToWrite() async {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        onLoop { self.suspendWriter(continuation) }
      }
    } onCancel: {
      loop.execute { self.writers.cancel() }
    }
  }

  private func suspendWriter(_ continuation: UnsafeContinuation<Void, Never>) {
    let isReady = closed != nil || body.count <= Limits.outboundHighMarkBytes
    if !isReady { drainedMark = Limits.outboundLowMarkBytes }
    writers.add(continuation, unless: isReady)
  }
}
