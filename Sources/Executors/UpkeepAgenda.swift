import EventCore
import Synchronization

/// The schedule of the upkeep, for all who know that there is something to do. Notes are cheap: the
/// loop is woken only by what is earlier than all it knows.
final class UpkeepAgenda: Sendable {
  private let schedule: Mutex<UpkeepSchedule>
  private let signal = Signal()

  init(at now: Timestamp) {
    schedule = Mutex(UpkeepSchedule(at: now))
  }

  func note(_ chore: UpkeepSchedule.Chore, at time: Timestamp) {
    if schedule.withLock({ $0.note(chore, at: time) }) { signal.raise() }
  }

  /// A trigger was accepted: its groups have deadlines, or it has nobody to run and is finished.
  func note(_ plan: TriggerPlan, at now: Timestamp) {
    if let deadline = plan.groups.lazy.compactMap(\.deadline).min() {
      note(.expireGroups, at: deadline)
    }
    if plan.invocations.allSatisfy(\.state.isTerminal) { noteFinished(at: now) }
    // Its subscription may have been resumed between the look at the catalog and the commit.
    if plan.invocations.contains(where: { $0.holds.contains(.pause) }) {
      note(.unpark, at: now + ExecutorLimits.pruneInterval)
    }
  }

  /// An invocation has finished: there will be something to remove.
  func noteFinished(at now: Timestamp) {
    note(.prune, at: now + ExecutorLimits.pruneInterval)
  }

  func change<T>(_ body: (inout UpkeepSchedule) -> T) -> T {
    schedule.withLock { schedule in body(&schedule) }
  }

  /// Returns when something is noted that is earlier than what was known, after `time`, or when the
  /// task is cancelled.
  func wait(atMost time: Duration, by clock: any PoolClock) async {
    await signal.wait(atMost: time, by: clock)
  }
}
