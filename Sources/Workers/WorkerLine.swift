import EventCore
import Synchronization

/// The way to one connected worker. At most three orders wait for each of its leases.
///
/// What is told while its reader is busy is taken as one batch: the reader is woken once.
package final class WorkerLine: Sendable {
  private struct State {
    var orders: [WorkerOrder] = []
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let signal = Signal()

  func tell(_ order: WorkerOrder) {
    state.withLock { state in
      if !state.hasEnded { state.orders.append(order) }
    }
    signal.raise()
  }

  /// No more orders will follow.
  func end() {
    state.withLock { $0.hasEnded = true }
    signal.raise()
  }

  /// What waits, waiting for something if there is nothing; nil at the end, or when the task is
  /// cancelled.
  fileprivate nonisolated(nonsending) func next() async -> [WorkerOrder]? {
    while !Task.isCancelled {
      let (orders, hasEnded) = state.withLock { state in
        defer { state.orders = [] }
        return (state.orders, state.hasEnded)
      }
      if !orders.isEmpty { return orders }
      if hasEnded { return nil }
      await signal.wait()
    }
    return nil
  }
}

/// What a worker is to do, in order, for one task that reads it.
package struct WorkerOrders: AsyncSequence, Sendable {
  let line: WorkerLine

  package func makeAsyncIterator() -> Iterator { Iterator(line: line) }

  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let line: WorkerLine
    private var batch: ArraySlice<WorkerOrder> = []

    fileprivate init(line: WorkerLine) { self.line = line }

    package mutating func next() async -> WorkerOrder? { await next(isolation: nil) }

    package mutating func next(
      isolation actor: isolated (any Actor)?
    ) async -> WorkerOrder? {
      if batch.isEmpty { batch = await line.next()?[...] ?? [] }
      return batch.popFirst()
    }
  }
}
