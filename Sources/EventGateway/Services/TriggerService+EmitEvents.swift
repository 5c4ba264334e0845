internal import EventCore
internal import GRPC
internal import Messages
internal import NIOCore
internal import Synchronization

extension TriggerService {
  /// An answer for each message, in the order in which they are durable or refused.
  func emitEvents(
    _ call: Call, _ requests: RequestStream, _ responses: Responses<EmitEventsResponse>
  ) async throws {
    let line = EmitLine()
    // The call may be meant to go on for ever, and would hold up the server's drain.
    let drain = health.whenFinished { requests.stop() }
    defer { drain.cancel() }
    // The group ends when all is answered. When the client is gone, what is with the store already
    // goes on, and what still waits for its turn is dropped: nobody was told that it is durable.
    let end: Result<Void, any Error> = await withDiscardingTaskGroup { group in
      do {
        for try await bytes in requests {
          guard let message = try await EmitMessage(bytes, refusingTo: responses) else { continue }
          try await line.room()
          guard line.add(message) else { continue }
          group.addTask { await work(off: message, line, call, responses) }
        }
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try end.get()
    guard !health.isFinished else {
      throw GatewayError(
        .draining, "the gateway is shutting down; messages without an answer were not accepted",
        retryAfter: .seconds(1))
    }
  }

  /// Emits a message and those of its key that come up behind it.
  private func work(
    off message: EmitMessage, _ line: EmitLine, _ call: Call,
    _ responses: Responses<EmitEventsResponse>
  ) async {
    var next: EmitMessage? = message
    while let message = next, !Task.isCancelled {
      let answer = EmitEventsResponse(message.sequence, await result(of: message.emit, call))
      // If it can't be written the call is over, and its task cancelled.
      try? await responses.write(answer)
      next = line.finish(message)
    }
  }

  private func result(
    of emit: EmitEventRequest?, _ call: Call
  ) async -> EmitResult {
    do {
      guard let emit else { throw GatewayError.invalid("emit", "is required") }
      return .accepted(try await emitEvent(call, emit))
    } catch {
      return .error(ErrorStatus(error))
    }
  }
}

/// One message of the call.
private struct EmitMessage: Sendable {
  let sequence: UInt64
  let emit: EmitEventRequest?
  let bytes: Int

  /// - Returns: nil if it is ill-formed, and was refused.
  /// - Throws: if not even its sequence can be read, so that no answer could be told from another's.
  init?(
    _ bytes: ByteBuffer, refusingTo responses: Responses<EmitEventsResponse>
  ) async throws {
    do throws(GatewayError) {
      let request = try EmitEventsRequest(unpacking: bytes, from: .client)
      (sequence, emit) = (request.sequence, request.emit)
      self.bytes = bytes.readableBytes
    } catch {
      guard let sequence = bytes.withUnsafeReadableBytes(EmitEventsRequest.sequence(of:)) else {
        throw error
      }
      try await responses.write(EmitEventsResponse(sequence, .error(ErrorStatus(error))))
      return nil
    }
  }
}

/// The call's `EmitQueue`, shared by its tasks.
private final class EmitLine: Sendable {
  private let queue = Mutex(EmitQueue<EmitMessage>())
  private let freed: AsyncStream<Void>
  private let signal: AsyncStream<Void>.Continuation

  init() {
    (freed, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Returns once another message may be added. One task at a time.
  ///
  /// - Throws: when the task is cancelled.
  func room() async throws {
    guard queue.withLock(\.isFull) else { return }
    var signals = freed.makeAsyncIterator()
    while queue.withLock(\.isFull) {
      guard await signals.next() != nil else { throw CancellationError() }
    }
  }

  /// - Returns: whether to work it off now.
  func add(_ message: EmitMessage) -> Bool {
    queue.withLock { $0.add(message, key: message.key, bytes: message.bytes) }
  }

  /// - Returns: the next one of its key.
  func finish(_ message: EmitMessage) -> EmitMessage? {
    let (next, wasFull) = queue.withLock { queue in
      let wasFull = queue.isFull
      return (queue.finish(key: message.key, bytes: message.bytes), wasFull)
    }
    if wasFull { signal.yield() }
    return next
  }
}

extension EmitMessage {
  fileprivate var key: String { emit?.content.orderingKey ?? "" }
}
