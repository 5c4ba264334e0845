package import EventCore
package import Logging
package import Matching
import Synchronization

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

  let store: any EventStore
  let lanes: LaneDirectory
  let permits: RunPermits
  let budget: QueueBudget
  let board: WatchBoard
  let changes: ChangeBoard
  let running: RunningAttempts
  let relay: ConsequenceRelay
  let agenda: UpkeepAgenda
  let clock: any PoolClock
  let directRuns = DirectRuns()
  let runner: AttemptRunner
  private let timeouts: AttemptTimeouts
  private let upkeep: UpkeepLoop
  private let upkeepTask = Mutex<Task<Void, Never>?>(nil)
  private let logger: Logger

  /// - Parameter executor: where it decides and talks to the runtime; best one that others who write
  ///   to the same store and workers are on, as every change of threads takes longer than a decision.
  package init(
    store: any EventStore, catalog: Catalog, runtime: any FunctionRuntime,
    configuration: Configuration = Configuration(), clock: any PoolClock = SystemClock(),
    executor: (any TaskExecutor)? = nil, logger: Logger
  ) {
    self.store = store
    self.clock = clock
    self.logger = logger
    board = WatchBoard()
    changes = ChangeBoard()
    running = RunningAttempts()
    agenda = UpkeepAgenda(at: clock.now())
    permits = RunPermits(configuration.runningMax)
    budget = QueueBudget(configuration.queuedBytesMax)
    relay = ConsequenceRelay(
      running: running, board: board, changes: changes, agenda: agenda, clock: clock)
    let outage = StoreOutage(logger)
    let retry = StoreRetry(clock: clock, outage: outage)
    timeouts = AttemptTimeouts(clock: clock)
    runner = AttemptRunner(
      store: store, catalog: catalog, runtime: runtime, clock: clock, running: running,
      board: board, retry: retry,
      deadLetters: DeadLetterMaker(catalog: catalog, clock: clock, logger: logger),
      subscriptionPause: SubscriptionPause(
        store: store, catalog: catalog, clock: clock, retry: retry, logger: logger),
      timeouts: timeouts)
    lanes = LaneDirectory(
      PoolParts(
        store: store, catalog: catalog, runner: runner, relay: relay, agenda: agenda,
        permits: permits, budget: budget, limits: configuration, clock: clock, outage: outage,
        retry: retry, circuitLog: CircuitLog(logger: logger), executor: executor))
    upkeep = UpkeepLoop(
      store: store, lanes: lanes, relay: relay, running: running, agenda: agenda, clock: clock,
      outage: outage)
  }

  /// Picks up what the store has unfinished, without waiting for it: lanes read it page by page.
  /// From now on the store is kept in order, too (see `UpkeepLoop`). Call it once.
  package func start() async throws(StoreError) {
    let unfinished = try await store.lanes()
    if !unfinished.isEmpty {
      logger.info("picking up unfinished work", metadata: ["functions": "\(unfinished.count)"])
    }
    lanes.wake(unfinished)
    lanes.wake(try await store.lanesWithHeldKeys(), holdsKeys: true)
    upkeepTask.withLock { task in
      if task == nil { task = Task { await upkeep.run() } }
    }
  }

  /// Runs the invocations of a trigger that was just accepted: those that are due at once start as
  /// soon as there is room, the others when they are due. Call it once per trigger, after
  /// `EventStore.accept` returned `.accepted`; without the call they run when their function's next
  /// work is read from the store.
  ///
  /// - Parameter held: as the store returned it.
  package func submit(_ plan: TriggerPlan, held: Set<Int>) {
    lanes.offer(plan, held: held)
    agenda.note(plan, at: clock.now())
  }

  /// The runtime may have places for functions of which it had none (see
  /// `FunctionRuntime.takePlace`).
  package func placesFreed(in freed: [Lane]) {
    lanes.placesFreed(in: freed)
  }

  /// A function was changed or deleted: its lane looks anew at what it may start.
  package func flowChanged(in lane: Lane) {
    lanes.reconsider(lane)
  }

  /// Ends every watch, and those that are opened later at once; the attempts go on.
  package func endWatches() {
    board.close()
    changes.close()
  }

  /// Starts nothing any more, waits for the attempts that run, and cancels those that are not done
  /// in time: they stay unfinished in the store and run again after a restart. Watches end.
  package func shutdown(within time: Duration) async {
    let upkeep = upkeepTask.withLock { task in
      // A task that is done, if there was none: what follows must not start one either.
      defer { task = task ?? Task {} }
      return task
    }
    upkeep?.cancel()
    var attempts = (upkeep.map { [$0] } ?? []) + directRuns.close()
    for lane in lanes.close() { attempts += await lane.stop() }
    if await !finish(attempts, within: time) {
      for attempt in attempts { attempt.cancel() }
      timeouts.cancelLate()
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
