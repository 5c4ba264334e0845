/// Tasks suspended on a stream until something changes. They are resumed without a result and look
/// again, so a resume too many does no harm.
///
/// Unsafe continuations: a checked one costs an allocation for each wait. Each is resumed exactly
/// once, by ``resumeAll``, and the stream's close always calls that.
struct WaitingTasks {
  private var continuations: [UnsafeContinuation<Void, Never>] = []

  /// A task was cancelled, perhaps before it got here.
  private var isCancelled = false

  mutating func add(_ continuation: UnsafeContinuation<Void, Never>, unless isReady: Bool) {
    guard !isReady, !isCancelled else {
      isCancelled = false
      continuation.resume()
      return
    }
    continuations.append(continuation)
  }

  mutating func resumeAll() {
    let resumed = continuations
    continuations = []
    for continuation in resumed { continuation.resume() }
  }

  mutating func cancel() {
    isCancelled = continuations.isEmpty
    resumeAll()
  }
}
