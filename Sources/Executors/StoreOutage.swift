import EventCore
import Logging
import Synchronization

/// Whether the store can be reached, as the pool's tries show; logged when it changes, not per try.
final class StoreOutage: Sendable {
  private let isOut = Atomic(false)
  private let logger: Logger

  init(_ logger: Logger) {
    self.logger = logger
  }

  func failed(_ error: StoreError) {
    guard !isOut.exchange(true, ordering: .relaxed) else { return }
    logger.error(
      "the store fails; outcomes wait in memory until it works again",
      metadata: ["error": "\(error)"])
  }

  func succeeded() {
    guard isOut.load(ordering: .relaxed), isOut.exchange(false, ordering: .relaxed) else { return }
    logger.notice("the store works again")
  }
}

/// The waits between tries to reach a store that has failed.
struct StoreBackoff {
  private var wait = ExecutorLimits.storeBackoffMin

  mutating func next(after error: StoreError) -> Duration {
    defer { wait = min(wait * 2, ExecutorLimits.storeBackoffMax) }
    guard case .overloaded(let retryAfter) = error else { return wait }
    return min(max(wait, retryAfter), ExecutorLimits.storeBackoffMax)
  }
}
