import Synchronization

/// A value that tests change and wait on: the signal that replaces a sleep.
package final class Observed<Value: Sendable>: Sendable {
  private struct Waiter {
    let isMet: @Sendable (Value) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var value: Value
    var waiters: [Int: Waiter] = [:]
    var nextWaiter = 0
  }

  private let state: Mutex<State>

  package init(_ value: Value) {
    state = Mutex(State(value: value))
  }

  package var value: Value { state.withLock { $0.value } }

  /// Without a copy of it.
  package func read<T: Sendable>(_ body: (Value) -> T) -> T {
    state.withLock { body($0.value) }
  }

  @discardableResult
  package func update<T: Sendable>(_ body: @Sendable (inout Value) -> T) -> T {
    let (result, met) = state.withLock { state in
      let result = body(&state.value)
      let met = state.waiters.filter { $0.value.isMet(state.value) }
      for key in met.keys { state.waiters[key] = nil }
      return (result, met.values.map(\.continuation))
    }
    for continuation in met { continuation.resume() }
    return result
  }

  /// Returns early when the task is cancelled.
  package func until(_ isMet: @escaping @Sendable (Value) -> Bool) async {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mayWait = state.withLock { state in
          guard !isMet(state.value), !Task.isCancelled else { return false }
          state.waiters[id] = Waiter(isMet: isMet, continuation: continuation)
          return true
        }
        if !mayWait { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
    }
  }
}

extension Observed<Bool> {
  package func open() { update { $0 = true } }
  package func opened() async { await until { $0 } }
}
