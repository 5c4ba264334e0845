package import EventCore
import Synchronization

/// The log of changes from a place on, for one task that reads it. Ends when it is cancelled or
/// given up; nothing has to be returned. It holds nothing in memory: a slow reader reads later.
package final class InvocationWatch: Sendable {
  private struct State {
    var query: ChangeQuery
    /// When the last page was read that had nothing after it.
    var readToEnd: Timestamp?
  }

  private let state: Mutex<State>
  private let board: ChangeBoard
  private let signal: Signal
  private let store: any EventStore
  private let clock: any PoolClock

  init(
    _ query: ChangeQuery, on board: ChangeBoard, store: any EventStore, clock: any PoolClock
  ) {
    self.board = board
    self.store = store
    self.clock = clock
    state = Mutex(State(query: query))
    signal = board.open()
  }

  deinit { board.remove(signal) }

  /// Where the watch is in the log: what it has not told comes after it. Nil before the first page
  /// of a watch that starts from now on. Moves on past what the query leaves out, too.
  package var place: Int64? { state.withLock(\.query.after) }

  /// The next page of changes, waiting for some if there are none. The first page of a watch without
  /// a place comes at once, empty, with the place.
  ///
  /// Stays on the caller's executor. One task at a time.
  ///
  /// - Returns: nil when the task is cancelled, or the pool or the store has shut down. A page that
  ///   `isExpired` is passed on: there is a gap before it.
  package nonisolated(nonsending) func next() async throws(StoreError) -> ChangePage? {
    while !Task.isCancelled, !board.isClosed {
      await gather()
      let query = state.withLock(\.query)
      guard let page = try await read(query) else { return nil }
      state.withLock { state in
        state.query.after = page.place
        state.readToEnd = page.hasMore ? nil : clock.now()
      }
      if query.after == nil || page.isExpired || !page.changes.isEmpty { return page }
      if !page.hasMore {
        await signal.wait(atMost: ExecutorLimits.changePollInterval, by: clock)
      }
    }
    return nil
  }

  /// Lets some changes come together: a page for each would read as often as the store writes.
  private nonisolated(nonsending) func gather() async {
    guard let time = state.withLock(\.readToEnd) else { return }
    let left = ExecutorLimits.changeGatherTime - (clock.now() - time)
    // More than that is left only after the wall clock stepped back.
    guard left > .zero, left <= ExecutorLimits.changeGatherTime else { return }
    try? await clock.sleep(left)
  }

  private nonisolated(nonsending) func read(
    _ query: ChangeQuery
  ) async throws(StoreError) -> ChangePage? {
    do {
      return try await store.changes(query)
    } catch .closed {
      return nil
    }
  }
}
