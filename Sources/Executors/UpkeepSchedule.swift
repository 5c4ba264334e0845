import EventCore

/// When which chore of the pool is to be done next. A value: it decides, the `UpkeepLoop` acts.
///
/// Hints only bring a chore forward. Without any, each is done every `ExecutorLimits.upkeepInterval`:
/// a lost hint costs latency.
struct UpkeepSchedule {
  enum Chore: CaseIterable, Sendable {
    /// Releases what is held for a subscription that is not paused any more.
    case unpark
    case expireGroups
    /// Removes what has been kept long enough.
    case prune
    /// Has every lane that has work read the store: what a lost hint left there.
    case wakeLanes
  }

  private var dueTimes: [Chore: Timestamp] = [:]

  /// Everything is due at `now`, but for the lanes, which the pool wakes at its start.
  init(at now: Timestamp) {
    for chore in Chore.allCases { dueTimes[chore] = now }
    dueTimes[.wakeLanes] = now + ExecutorLimits.upkeepInterval
  }

  /// - Returns: whether the chore was to be done later before.
  mutating func note(_ chore: Chore, at time: Timestamp) -> Bool {
    guard let known = dueTimes[chore], time < known else { return false }
    dueTimes[chore] = time
    return true
  }

  enum Step: Hashable {
    case run(Chore)
    case wait(Duration)
  }

  /// What is to be done at `now`.
  func next(at now: Timestamp) -> Step {
    let first = Chore.allCases.min { dueTimes[$0]! < dueTimes[$1]! }!
    let wait = dueTimes[first]! - now
    // Nothing is ever so far ahead, unless the wall clock has stepped back.
    return wait <= .zero || wait > ExecutorLimits.upkeepInterval ? .run(first) : .wait(wait)
  }

  /// The chore is being done from `now` on: what is noted from here on is for the next time.
  mutating func begin(_ chore: Chore, at now: Timestamp) {
    dueTimes[chore] = now + ExecutorLimits.upkeepInterval
  }

  /// - Parameters:
  ///   - batch: what was done.
  ///   - start: when it was begun.
  mutating func finished(_ chore: Chore, _ batch: Upkeep, from start: Timestamp, at now: Timestamp)
  {
    guard let next = batch.next else { return }
    let pause: Duration =
      switch (chore, next <= now) {
      // As long as the batch took: at most half of the writer's time goes into pruning.
      case (.prune, true):
        min(max(ExecutorLimits.prunePause, now - start), ExecutorLimits.pruneInterval)
      case (.prune, false): ExecutorLimits.pruneInterval
      // If nothing was done although there is something: not again at once, or it would never stop.
      case (_, true): batch.count > 0 ? .zero : ExecutorLimits.pruneInterval
      case (_, false): .zero
      }
    _ = note(chore, at: max(next, now + pause))
  }

  mutating func failed(_ chore: Chore, retryAt time: Timestamp) {
    dueTimes[chore] = time
  }
}
