internal import GRPC
internal import NIOCore
internal import Synchronization

/// Writes something on quiet streams from time to time: proxies cut silent streams, and HTTP/2's own
/// PING does not get through them.
///
/// One timer looks after all streams: most live for milliseconds, and one of their own would cost
/// more than a message.
final class KeepAlives: Sendable {
  /// How often it looks; a stream is quiet for less than twice this. That stays below the minute
  /// after which common proxies cut.
  static let interval = TimeAmount.seconds(15)

  private struct State {
    var streams: [ObjectIdentifier: KeepAlive] = [:]
    var hasTimer = false
  }

  private let state = Mutex(State())

  var count: Int { state.withLock(\.streams.count) }

  /// - Parameter write: called on the call's loop; what it throws is left to the stream's own next
  ///   write.
  func start(
    _ call: ServerCall, _ write: @escaping @Sendable () async throws -> Void
  ) -> KeepAlive {
    let stream = KeepAlive(call, write)
    let needsTimer = state.withLock { state in
      state.streams[ObjectIdentifier(stream)] = stream
      defer { state.hasTimer = true }
      return !state.hasTimer
    }
    if needsTimer { startTimer(on: call.eventLoop) }
    return stream
  }

  /// Must be called, or the stream stays.
  func stop(_ stream: KeepAlive) {
    state.withLock { _ = $0.streams.removeValue(forKey: ObjectIdentifier(stream)) }
  }

  private func startTimer(on loop: any EventLoop) {
    loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { timer in
      let streams = self.state.withLock { state in
        state.hasTimer = !state.streams.isEmpty
        return state.streams.values
      }
      if streams.isEmpty { timer.cancel() }
      for stream in streams { stream.look() }
    }
  }
}

/// One stream that is kept alive.
final class KeepAlive: Sendable {
  private let executor: any TaskExecutor
  private let write: @Sendable () async throws -> Void
  private let isQuiet = Atomic(false)
  private let isWriting = Atomic(false)

  fileprivate init(_ call: ServerCall, _ write: @escaping @Sendable () async throws -> Void) {
    executor = call.executor
    self.write = write
  }

  /// Something else was written.
  func postpone() {
    isQuiet.store(false, ordering: .relaxed)
  }

  fileprivate func look() {
    guard isQuiet.exchange(true, ordering: .relaxed),
      // The client takes nothing: one write that waits for it is enough.
      !isWriting.exchange(true, ordering: .relaxed)
    else { return }
    Task(executorPreference: executor) {
      try? await self.write()
      self.isWriting.store(false, ordering: .relaxed)
    }
  }
}
