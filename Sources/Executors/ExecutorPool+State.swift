package import EventCore

extension ExecutorPool {
  /// Watches a trigger from now on: call it before the trigger is accepted to miss nothing.
  package func watch(_ trigger: UniqueID) -> TriggerWatch {
    TriggerWatch(trigger, on: board, store: store, clock: clock)
  }

  /// Reads the log of changes from the query's place on, or from now on.
  package func watchInvocations(_ query: ChangeQuery) -> InvocationWatch {
    InvocationWatch(query, on: changes, store: store, clock: clock)
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
    // In one that is RUNNING already what runs may be a retry, or be stored by now: the tallies do
    // not say which is which.
    guard stored.state == .accepted else { return stored }
    var current = stored
    for groupID in running.groupIDs(of: stored.trigger.triggerID) { current.start(groupID) }
    return current
  }

  /// How much the pool holds at this moment.
  package struct Load: Hashable, Sendable {
    /// Functions that have work, or wait for the time of a retry or a delay.
    package var lanes: Int
    package var runningAttempts: Int
    /// Lanes that have work and wait because `runningMax` attempts run.
    package var waitingLanes: Int
    /// Triggers that wait in memory, in bytes.
    package var queuedBytes: Int
    package var watchedTriggers: Int
    /// Watches of the log of changes.
    package var invocationWatches: Int
    /// What direct runs hold, in bytes.
    package var directBytes: Int
  }

  package var load: Load {
    Load(
      lanes: lanes.count, runningAttempts: running.count, waitingLanes: permits.waitingCount,
      queuedBytes: budget.taken, watchedTriggers: board.count, invocationWatches: changes.count,
      directBytes: directRuns.bytes)
  }
}

extension StoredTrigger {
  /// One that is PENDING, of the group or of none, is RUNNING.
  fileprivate mutating func start(_ groupID: String) {
    guard !groupID.isEmpty else { return tally.start() }
    guard let index = groups.firstIndex(where: { $0.groupID == groupID }) else { return }
    groups[index].tally.start()
  }
}

extension InvocationTally {
  fileprivate mutating func start() {
    guard self[.pending] > 0 else { return }
    self[.pending] -= 1
    self[.running] += 1
  }
}
