import EventCore
import Fairness
import Synchronization

/// The pool-wide bound on running attempts, which the organizations share.
///
/// Lanes that may have none wait in line, each at most once. Organizations take turns, and an
/// organization's lanes do: one with many lanes, or much work in each, gets its turn as often as one
/// with little.
final class RunPermits: Sendable {
  private let slots: Mutex<SharedSlots<Organization, LaneExecutor>>

  init(_ count: Int) {
    slots = Mutex(SharedSlots(count))
  }

  var waitingCount: Int { slots.withLock(\.waitingCount) }

  /// - Returns: true if the lane has a permit now; if not, `grantPermit` is called later, once.
  func request(for lane: LaneExecutor) -> Bool {
    slots.withLock { $0.take(for: lane.lane.organization, or: lane) }
  }

  /// Gives a lane's permit back, to those who are next in line and may have it.
  func release(of lane: Lane) {
    for next in slots.withLock({ $0.give(from: lane.organization) }) {
      next.grantPermit()
    }
  }
}
