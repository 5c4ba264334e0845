import EventCore
import Fairness
import Synchronization

/// How many commands may run at once: each takes descriptors, and a process that has none left can
/// not even be started. The organizations share them; who finds no slot free waits in line, by turns.
final class CommandSlots: Sendable {
  private struct Waiter {
    let ticket: Int
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var slots: SharedSlots<Organization, Waiter>
    var nextTicket = 0
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    state = Mutex(State(slots: SharedSlots(count)))
  }

  /// Waits for a slot; `release` gives it back.
  ///
  /// - Returns: false, and no slot, if the task is cancelled first.
  func acquire(for organization: Organization) async -> Bool {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isAtOnce: Bool? = state.withLock { state in
          // The handler may have run already, and found nobody in line.
          if Task.isCancelled { return false }
          let waiter = Waiter(ticket: ticket, continuation: continuation)
          return state.slots.take(for: organization, or: waiter) ? true : nil
        }
        if let isAtOnce { continuation.resume(returning: isAtOnce) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.slots.remove(of: organization) { $0.ticket == ticket }
      }
      waiter?.continuation.resume(returning: false)
    }
  }

  func release(of organization: Organization) {
    let next = state.withLock { $0.slots.give(from: organization) }
    for waiter in next { waiter.continuation.resume(returning: true) }
  }
}
