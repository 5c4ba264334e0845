import EventCore
import Synchronization

/// The lanes that have work: each has its executor from its first hint until it is idle.
final class LaneDirectory: Sendable {
  /// Hints that a lane has not taken yet.
  struct Hints {
    var assignments: [Assignment] = []
    /// Some were left in the store.
    var storeHasMore = false
  }

  private struct Entry {
    let executor: LaneExecutor
    var hints = Hints()
    var isSignalled = false
  }

  private struct State {
    var lanes: [Lane: Entry] = [:]
    /// The youngest trigger that a refill brought to a lane that is gone (see `LaneState`).
    var horizon = Timestamp(nanoseconds: .min)
    var isClosed = false
  }

  private let parts: PoolParts
  private let state = Mutex(State())

  init(_ parts: PoolParts) {
    self.parts = parts
  }

  var count: Int { state.withLock { $0.lanes.count } }

  /// Passes invocations of an accepted trigger on to their lanes; what finds no room stays in the
  /// store until its lane reads it.
  func offer(_ trigger: Trigger, _ invocations: [Invocation]) {
    let executors = state.withLock { state in
      invocations.compactMap { invocation in
        let lane = Lane(trigger.organization, invocation.functionID)
        return change(&state, lane) { add(Assignment(trigger, invocation), to: &$0) }
      }
    }
    tell(executors)
  }

  /// Has these lanes read the store.
  func wake(_ lanes: [Lane]) {
    let executors = state.withLock { state in
      lanes.compactMap { lane in change(&state, lane) { $0.storeHasMore = true } }
    }
    tell(executors)
  }

  func takeHints(of lane: Lane) -> Hints {
    state.withLock { state in
      state.lanes[lane]?.isSignalled = false
      return state.lanes[lane]?.hints.take() ?? Hints()
    }
  }

  /// Forgets an idle lane.
  ///
  /// - Returns: false if there are hints that it has not taken; it will be told to.
  func retire(_ lane: Lane, horizon: Timestamp) -> Bool {
    state.withLock { state in
      guard state.lanes[lane]?.isSignalled == false else { return false }
      state.lanes[lane] = nil
      state.horizon = max(state.horizon, horizon)
      return true
    }
  }

  /// Takes no more hints.
  ///
  /// - Returns: the lanes that there are.
  func close() -> [LaneExecutor] {
    state.withLock { state in
      state.isClosed = true
      defer { state.lanes = [:] }
      return state.lanes.values.map(\.executor)
    }
  }

  private func tell(_ executors: [LaneExecutor]) {
    for executor in executors {
      Task { await executor.takeHints() }
    }
  }

  private func add(_ assignment: Assignment, to hints: inout Hints) {
    guard hints.assignments.count < parts.limits.laneQueueMax, parts.budget.room > 0 else {
      hints.storeHasMore = true
      return
    }
    parts.budget.take(assignment.weight)
    hints.assignments.append(assignment)
  }

  /// - Returns: the executor if it has to be told that there are hints.
  private func change(
    _ state: inout State, _ lane: Lane, _ body: (inout Hints) -> Void
  ) -> LaneExecutor? {
    guard !state.isClosed else { return nil }
    let new = { [horizon = state.horizon] in
      Entry(executor: LaneExecutor(lane, in: self, self.parts, horizon: horizon))
    }
    var entry = state.lanes.removeValue(forKey: lane) ?? new()
    defer { state.lanes[lane] = entry }
    body(&entry.hints)
    guard !entry.isSignalled else { return nil }
    entry.isSignalled = true
    return entry.executor
  }
}

extension LaneDirectory.Hints {
  fileprivate mutating func take() -> Self {
    defer { self = Self() }
    return self
  }
}
