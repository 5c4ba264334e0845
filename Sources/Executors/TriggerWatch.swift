import EventCore

/// What happens to the invocations of one trigger, for one task that reads it. Ends when it is
/// cancelled or given up; nothing has to be returned.
///
/// ```swift
/// let watch = pool.watch(trigger.triggerID)  // before the trigger is accepted: nothing is missed
/// while let batch = await watch.next() { write(batch) }
/// ```
///
/// A reader that falls behind by more than `ExecutorLimits.watchChunkBytesMax` misses output and
/// log lines; one that falls behind by more than `watchChangeBytesMax` still learns the last state
/// of every invocation, but no longer each state on the way there.
package final class TriggerWatch: Sendable {
  private let trigger: UniqueID
  private let buffer: WatchBuffer
  private let board: WatchBoard
  private let store: any EventStore
  private let clock: any PoolClock

  init(
    _ trigger: UniqueID, on board: WatchBoard, store: any EventStore, clock: any PoolClock
  ) {
    self.trigger = trigger
    self.board = board
    self.store = store
    self.clock = clock
    buffer = board.open(trigger)
  }

  deinit { cancel() }

  /// Everything that has happened since the last call, waiting for something if there is nothing.
  ///
  /// Stays on the caller's executor. One task at a time.
  ///
  /// - Returns: nil when the watch was cancelled or the task is, or the pool has shut down.
  package nonisolated(nonsending) func next() async -> [TriggerProgress]? {
    var backoff = StoreBackoff()
    while !Task.isCancelled {
      switch buffer.take() {
      case .progress(let progress):
        return progress
      case .reread(let rereads):
        do throws(StoreError) {
          let changed = try await read(rereads)
          if !changed.isEmpty { return changed }
        } catch .closed {
          return nil
        } catch {
          buffer.putBack(rereads)
          try? await clock.sleep(backoff.next(after: error))
        }
      case .nothing:
        await buffer.wait()
      case .closed:
        return nil
      }
    }
    return nil
  }

  /// No more progress is kept for it.
  package func cancel() {
    board.remove(buffer, from: trigger)
    buffer.close()
  }

  private nonisolated(nonsending) func read(
    _ rereads: [WatchBuffer.Reread]
  ) async throws(StoreError) -> [TriggerProgress] {
    var changed: [TriggerProgress] = []
    for reread in rereads {
      guard let invocation = try await store.invocation(reread.id, in: reread.organization) else {
        continue
      }
      changed.append(.changed(invocation))
    }
    return changed
  }
}
