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
        try await read(requests, line, refusingTo: responses) { ready in
          group.addTask { await work(off: ready, line, call, responses) }
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

  /// Reads until the client has sent its last message. What has arrived together is passed on
  /// together, for one commit.
  private func read(
    _ requests: RequestStream, _ line: EmitLine,
    refusingTo responses: Responses<EmitEventsResponse>, _ pass: ([EmitMessage]) -> Void
  ) async throws {
    var messages = requests.makeAsyncIterator()
    var ready: [EmitMessage] = []
    func passReady() {
      if !ready.isEmpty { pass(ready) }
      ready = []
    }
    while let bytes = try await messages.next() {
      if let message = try await EmitMessage(bytes, refusingTo: responses) {
        if line.isFull {
          passReady()
          try await line.room()
        }
        if line.add(message) { ready.append(message) }
      }
      if ready.count >= GatewayLimits.emitsPerCommit || !messages.hasMore { passReady() }
    }
    passReady()
  }

  /// Emits messages, and then those of their keys that come up behind them.
  private func work(
    off messages: [EmitMessage], _ line: EmitLine, _ call: Call,
    _ responses: Responses<EmitEventsResponse>
  ) async {
    var messages = messages
    while !messages.isEmpty, !Task.isCancelled {
      let results = await emit(messages, call)
      for (message, result) in zip(messages, results) {
        // If it can't be written the call is over, and its task cancelled.
        try? await responses.write(EmitEventsResponse(message.sequence, result))
      }
      messages = messages.compactMap(line.finish)
    }
  }

  private func emit(_ messages: [EmitMessage], _ call: Call) async -> [EmitResult] {
    var results: [EmitResult?] = Array(repeating: nil, count: messages.count)
    var plans: [TriggerPlan] = []
    var indices: [Int] = []
    for (index, message) in messages.enumerated() {
      do {
        guard let emit = message.emit else { throw GatewayError.invalid("emit", "is required") }
        plans.append(try await intake.check(emit.content, in: call.organization))
        indices.append(index)
      } catch {
        results[index] = .error(ErrorStatus(error))
      }
    }
    for (position, acceptance) in await accept(plans).enumerated() {
      results[indices[position]] =
        switch acceptance {
        case .success(let acceptance): .accepted(EmitEventResponse(plans[position], acceptance))
        case .failure(let error): .error(ErrorStatus(error))
        }
    }
    return results.map { $0! }
  }

  private func accept(
    _ plans: [TriggerPlan]
  ) async -> [Result<TriggerIntake.Acceptance, any Error>] {
    guard !plans.isEmpty else { return [] }
    do {
      return try await intake.accept(plans).map { $0.mapError { $0 } }
    } catch {
      return plans.map { _ in .failure(error) }
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

  var isFull: Bool { queue.withLock(\.isFull) }

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
