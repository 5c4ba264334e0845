internal import GRPC
internal import NIOCore
internal import Synchronization

/// Writes something on a quiet stream from time to time: proxies cut silent streams, and HTTP/2's
/// own PING does not get through them.
final class KeepAlive: Sendable {
  /// How often it looks; a stream is quiet for less than twice this. That stays below the minute
  /// after which common proxies cut.
  static let interval = TimeAmount.seconds(15)

  private let timer: RepeatedTask
  private let stream: Stream

  /// - Parameter write: called on the call's loop; what it throws is left to the stream's own next
  ///   write.
  init(_ call: ServerCall, _ write: @escaping @Sendable () async throws -> Void) {
    let stream = Stream()
    self.stream = stream
    timer = call.eventLoop.scheduleRepeatedTask(
      initialDelay: Self.interval, delay: Self.interval
    ) { _ in
      guard stream.isQuiet.exchange(true, ordering: .relaxed),
        // The client takes nothing: one write that waits for it is enough.
        !stream.isWriting.exchange(true, ordering: .relaxed)
      else { return }
      Task(executorPreference: call.executor) {
        try? await write()
        stream.isWriting.store(false, ordering: .relaxed)
      }
    }
  }

  /// Something else was written.
  func postpone() {
    stream.isQuiet.store(false, ordering: .relaxed)
  }

  func stop() {
    timer.cancel()
  }

  private final class Stream: Sendable {
    let isQuiet = Atomic(true)
    let isWriting = Atomic(false)
  }
}
