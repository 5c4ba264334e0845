import EventCore

/// Does what time brings besides attempts, one chore at a time in small batches: releases what was
/// paused, ends groups whose time is up, removes what was kept long enough.
struct UpkeepLoop: Sendable {
  let store: any EventStore
  let lanes: LaneDirectory
  let relay: ConsequenceRelay
  let running: RunningAttempts
  let agenda: UpkeepAgenda
  let clock: any PoolClock
  let outage: StoreOutage

  /// Returns when the task is cancelled or the store is closed.
  func run() async {
    var backoffs: [UpkeepSchedule.Chore: StoreBackoff] = [:]
    while !Task.isCancelled {
      switch agenda.change({ $0.next(at: clock.now()) }) {
      case .wait(let time):
        await agenda.wait(atMost: min(time, ExecutorLimits.timerMax), by: clock)
      case .run(let chore):
        do throws(StoreError) {
          try await perform(chore)
          outage.succeeded()
          backoffs[chore] = nil
        } catch .closed {
          return
        } catch {
          outage.failed(error)
          let retryTime = clock.now() + backoffs[chore, default: StoreBackoff()].next(after: error)
          agenda.change { $0.failed(chore, retryAt: retryTime) }
        }
      }
    }
  }

  private func perform(_ chore: UpkeepSchedule.Chore) async throws(StoreError) {
    let start = clock.now()
    agenda.change { $0.begin(chore, at: start) }
    let batch = try await batch(of: chore, at: start)
    for consequences in batch.consequences { relay.apply(consequences, to: lanes) }
    agenda.change { $0.finished(chore, batch, from: start, at: clock.now()) }
  }

  private func wakeLanes() async throws(StoreError) -> Upkeep {
    lanes.wake(try await store.lanes())
    lanes.wake(try await store.lanesWithHeldKeys(), holdsKeys: true)
    return Upkeep()
  }

  private func batch(
    of chore: UpkeepSchedule.Chore, at now: Timestamp
  ) async throws(StoreError) -> Upkeep {
    switch chore {
    case .unpark:
      try await store.unpark(limit: ExecutorLimits.unparkBatchMax)
    case .expireGroups:
      try await store.expireGroups(
        at: now, limit: ExecutorLimits.expireBatchMax, running: running.check)
    case .prune:
      try await store.prune(at: now, limit: ExecutorLimits.pruneBatchMax)
    case .wakeLanes:
      try await wakeLanes()
    }
  }
}
