import DequeModule
import Synchronization

/// How many commands may run at once: each takes descriptors, and a process that has none left can
/// not even be started. Who finds no slot free waits in line.
final class CommandSlots: Sendable {
  private struct State {
    var free: Int
    var nextTicket = 0
    var line: Deque<(ticket: Int, waiter: CheckedContinuation<Bool, Never>)> = []
  }

  private let state: Mutex<State>

  init(_ count: Int) {
    precondition(count > 0, "no command could ever run")
    state = Mutex(State(free: count))
  }

  /// Waits for a slot, in the order of the calls; `release` gives it back.
  ///
  /// - Returns: false, and no slot, if the task is cancelled first.
  func acquire() async -> Bool {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        let isAtOnce: Bool? = state.withLock { state in
          // The handler may have run already, and found nobody in line.
          if Task.isCancelled { return false }
          guard state.free == 0 else {
            state.free -= 1
            return true
          }
          state.line.append((ticket, waiter))
          return nil
        }
        if let isAtOnce { waiter.resume(returning: isAtOnce) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.line.firstIndex { $0.ticket == ticket }.map { state.line.remove(at: $0).waiter }
      }
      waiter?.resume(returning: false)
    }
  }

  func release() {
    let next = state.withLock { state in
      let next = state.line.popFirst()?.waiter
      if next == nil { state.free += 1 }
      return next
    }
    next?.resume(returning: true)
  }
}
