package import EventCore
package import Logging

/// Runs the invocations of accepted triggers until each is finished, at least once.
///
/// The store is the truth: the pool holds only what it is about to run, learns from hints what is
/// new, and reads the rest from the store when there is room.
package final class ExecutorPool: Sendable {
  package struct Configuration: Sendable {
    /// Attempts at once, of all functions together; at least 1.
    package var runningMax = ExecutorLimits.runningMax
    /// Invocations of one function that wait in memory; at least 1.
    package var laneQueueMax = ExecutorLimits.laneQueueMax
    package var queuedBytesMax = ExecutorLimits.queuedBytesMax

    package init() {}
  }

  /// How much the pool holds at this moment.
  package struct Load: Hashable, Sendable {
    /// Functions that have work, or wait for the time of a retry.
    package var lanes: Int
    package var runningAttempts: Int
    /// Lanes that have work and wait because `runningMax` attempts run.
    package var waitingLanes: Int
    /// Triggers that wait in memory, in bytes.
    package var queuedBytes: Int
    package var watchedTriggers: Int
  }

  private let store: any EventStore
  private let lanes: LaneDirectory
  private let permits: RunPermits
  private let budget: QueueBudget
  private let board: WatchBoard
  private let running: RunningAttempts
  private let clock: any PoolClock
  private let logger: Logger

  package init(
    store: any EventStore, catalog: Catalog, runtime: any FunctionRuntime,
    configuration: Configuration = Configuration(), clock: any PoolClock = SystemClock(),
    logger: Logger
  ) {
    self.store = store
    self.clock = clock
    self.logger = logger
    board = WatchBoard()
    running = RunningAttempts()
    permits = RunPermits(configuration.runningMax)
    budget = QueueBudget(configuration.queuedBytesMax)
    let outage = StoreOutage(logger)
    let runner = AttemptRunner(
      store: store, catalog: catalog, runtime: runtime, clock: clock, running: running,
      board: board, outage: outage)
    lanes = LaneDirectory(
      PoolParts(
        store: store, catalog: catalog, runner: runner, permits: permits,
        budget: budget, limits: configuration, clock: clock, outage: outage))
  }

  /// Picks up what the store has unfinished, without waiting for it: lanes read it page by page.
  package func start() async throws(StoreError) {
    let unfinished = try await store.lanes()
    if !unfinished.isEmpty {
      logger.info("picking up unfinished work", metadata: ["functions": "\(unfinished.count)"])
    }
    lanes.wake(unfinished)
  }

  /// Runs invocations that were just accepted. Call it once per trigger, after `EventStore.accept`
  /// returned `.accepted`; without the call they run when their function's next work is read from
  /// the store.
  package func submit(_ trigger: Trigger, _ invocations: [Invocation]) {
    lanes.offer(trigger, invocations)
  }

  /// Watches a trigger from now on: call it before the trigger is accepted to miss nothing.
  package func watch(_ trigger: UniqueID) -> TriggerWatch {
    TriggerWatch(trigger, on: board, store: store, clock: clock)
  }

  /// An invocation as it was read from the store, RUNNING if an attempt of it runs now.
  package func current(_ invocation: Invocation) -> Invocation {
    guard !invocation.state.isTerminal, let attempt = running[invocation.id],
      // Else the outcome of the attempt was stored before it was read.
      attempt.number > (invocation.attempts.last?.number ?? 0)
    else { return invocation }
    return invocation.running(attempt, keepingResults: true)
  }

  /// A trigger as it was read from the store, with those of its invocations RUNNING that run now.
  package func current(_ stored: StoredTrigger) -> StoredTrigger {
    let unstarted = stored.tally[.pending]
    // A retry runs in a trigger that is RUNNING already.
    guard stored.tally.triggerState == .accepted, unstarted > 0 else { return stored }
    var current = stored
    let running = running.count(of: stored.trigger.triggerID, among: unstarted)
    current.tally[.pending] -= running
    current.tally[.running] += running
    return current
  }

  package var load: Load {
    Load(
      lanes: lanes.count, runningAttempts: running.count, waitingLanes: permits.waitingCount,
      queuedBytes: budget.taken, watchedTriggers: board.count)
  }

  /// Ends every watch, and those that are opened later at once; the attempts go on.
  package func endWatches() {
    board.close()
  }

  /// Starts nothing any more, waits for the attempts that run, and cancels those that are not done
  /// in time: they stay unfinished in the store and run again after a restart. Watches end.
  package func shutdown(within time: Duration) async {
    var attempts: [Task<Void, Never>] = []
    for lane in lanes.close() { attempts += await lane.stop() }
    if await !finish(attempts, within: time) {
      for attempt in attempts { attempt.cancel() }
      if await !finish(attempts, within: ExecutorLimits.cancelGrace) {
        logger.error("attempts do not stop after they were cancelled")
      }
    }
    endWatches()
  }

  /// - Returns: false if they are not finished in time.
  private func finish(_ attempts: [Task<Void, Never>], within time: Duration) async -> Bool {
    guard !attempts.isEmpty else { return true }
    // Not a task group: that would wait for a task that never ends.
    let (ends, ended) = AsyncStream.makeStream(of: Bool.self)
    let all = Task {
      for attempt in attempts { await attempt.value }
      ended.yield(true)
    }
    let timer = Task { [clock] in
      guard (try? await clock.sleep(time)) != nil else { return }
      ended.yield(false)
    }
    defer {
      all.cancel()
      timer.cancel()
    }
    for await isFinished in ends { return isFinished }
    return false
  }
}
