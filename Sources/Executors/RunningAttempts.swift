import EventCore
import Synchronization

/// The attempts that run now. The store does not know them (see `Invocation.State`).
final class RunningAttempts: Sendable {
  fileprivate struct Entry {
    let ordinal: Int
    let groupID: String
    let attempt: Attempt
    /// Its invocation was ended, and it is being stopped.
    var isStopped = false
  }

  fileprivate struct State {
    var byTrigger: [UniqueID: [Entry]] = [:]
    var count = 0
  }

  private let state = Mutex(State())

  func insert(_ attempt: Attempt, of invocation: Invocation) {
    let entry = Entry(
      ordinal: invocation.id.ordinal, groupID: invocation.groupID, attempt: attempt)
    state.withLock { state in
      state.byTrigger[invocation.id.triggerID, default: []].append(entry)
      state.count += 1
    }
  }

  func remove(_ id: InvocationID) {
    state.withLock { state in
      guard let index = state.index(of: id) else { return }
      state.byTrigger[id.triggerID]!.remove(at: index)
      if state.byTrigger[id.triggerID]!.isEmpty { state.byTrigger[id.triggerID] = nil }
      state.count -= 1
    }
  }

  /// From now on the attempt counts for nothing: its invocation was ended.
  func stop(_ id: InvocationID) {
    state.withLock { state in
      guard let index = state.index(of: id) else { return }
      state.byTrigger[id.triggerID]![index].isStopped = true
    }
  }

  func isStopped(_ id: InvocationID) -> Bool {
    state.withLock { state in
      state.index(of: id).map { state.byTrigger[id.triggerID]![$0].isStopped } ?? false
    }
  }

  /// With those that are being stopped.
  var count: Int { state.withLock(\.count) }

  /// The groups of a trigger's invocations that run, one entry for each; empty for none.
  func groupIDs(of trigger: UniqueID) -> [String] {
    state.withLock { state in
      (state.byTrigger[trigger] ?? []).lazy.filter { !$0.isStopped }.map(\.groupID)
    }
  }

  subscript(id: InvocationID) -> Attempt? {
    state.withLock { state in
      guard let entry = state.index(of: id).map({ state.byTrigger[id.triggerID]![$0] }),
        !entry.isStopped
      else { return nil }
      return entry.attempt
    }
  }

  /// For the store's decisions.
  var check: RunningCheck {
    { [self] id in self[id] }
  }
}

extension RunningAttempts.State {
  fileprivate func index(of id: InvocationID) -> Int? {
    byTrigger[id.triggerID]?.firstIndex { $0.ordinal == id.ordinal }
  }
}

extension Invocation {
  /// As it is while `attempt` runs: RUNNING, with the attempt last.
  ///
  /// - Parameter keepingResults: whether it keeps the output and logs of earlier attempts.
  func running(_ attempt: Attempt, keepingResults: Bool) -> Invocation {
    var running = self
    running.state = .running
    running.attempts.append(attempt)
    running.nextAttemptTime = nil
    if !keepingResults {
      running.output = nil
      running.logs = []
    }
    return running
  }
}
