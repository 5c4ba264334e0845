internal import NIOCore
internal import Synchronization

/// Writes something on a quiet stream from time to time: proxies cut silent streams, and HTTP/2's
/// own PING does not get through them.
final class KeepAlive: Sendable {
  /// Below the minute after which common proxies cut.
  static let interval = TimeAmount.seconds(15)

  private let timer: RepeatedTask

  /// - Parameter write: on the loop; what it throws is left to the stream's own next write.
  init(_ loop: any EventLoop, _ write: @escaping @Sendable () async throws -> Void) {
    let quiet = Quiet()
    self.quiet = quiet
    timer = loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
      guard quiet.isQuiet.exchange(true, ordering: .relaxed) else { return }
      Task.immediate { try? await write() }
    }
  }

  /// Something else was written.
  func postpone() {
    quiet.isQuiet.store(false, ordering: .relaxed)
  }

  func stop() {
    timer.cancel()
  }

  private let quiet: Quiet

  private final class Quiet: Sendable {
    let isQuiet = Atomic(true)
  }
}
