import EventCore
import Synchronization

/// The attempts that run now. The store does not know them (see `Invocation.State`).
final class RunningAttempts: Sendable {
  fileprivate struct Entry {
    let ordinal: Int
    let groupID: String
    let attempt: Attempt
    /// Of the invocation that it is made of.
    let revision: Int32
    /// Its invocation was ended, and it is being stopped.
    var isStopped = false
  }

  fileprivate struct State {
    var byTrigger: [UniqueID: [Entry]] = [:]
    var count = 0
    /// The revisions of invocations that were ended and may still wait in a lane.
    var ended: [InvocationID: Int32] = [:]
  }

  private let state = Mutex(State())

  /// - Returns: false if the invocation was ended meanwhile: the attempt must not be made.
  func insert(_ attempt: Attempt, of invocation: Invocation) -> Bool {
    let entry = Entry(
      ordinal: invocation.id.ordinal, groupID: invocation.groupID, attempt: attempt,
      revision: invocation.revision)
    return state.withLock { state in
      if let ended = state.ended[invocation.id], invocation.revision < ended { return false }
      state.byTrigger[invocation.id.triggerID, default: []].append(entry)
      state.count += 1
      return true
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

  /// An invocation was ended: from now on its attempt counts for nothing, and none begins of what
  /// was known of it before. Until its lane knows, too: `forgetEnded`.
  func stop(_ invocation: Invocation) {
    let id = invocation.id
    state.withLock { state in
      state.ended[id] = invocation.revision
      guard let index = state.index(of: id),
        state.byTrigger[id.triggerID]![index].revision < invocation.revision
      else { return }
      state.byTrigger[id.triggerID]![index].isStopped = true
    }
  }

  func forgetEnded(_ ids: [InvocationID]) {
    state.withLock { state in
      for id in ids { state.ended[id] = nil }
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
