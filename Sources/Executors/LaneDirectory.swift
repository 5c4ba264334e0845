import EventCore
import Synchronization

/// The lanes that have work: each has its executor from its first hint until it is idle.
final class LaneDirectory: Sendable {
  /// Hints that a lane has not taken yet.
  struct Hints {
    var assignments: [Assignment] = []
    /// Ended in the store by others than their attempts. As many as the writes did that ended them
    /// since the lane last looked, which it does at once.
    var ended: [InvocationID] = []
    /// The highest of all that was accepted for it.
    var priority: Int32?
    /// When something that is delayed will be due.
    var dueTime: Timestamp?
    /// Something is due that only the store knows.
    var storeHasMore = false
    /// The store holds some for their concurrency keys.
    var holdsKeys = false
    /// There may be a place for what waits for one.
    var placeFreed = false
    /// In their order.
    var calls: [CallHint] = []
  }

  /// What became of somebody who has the function run directly.
  enum CallHint {
    case new(Caller)
    case withdrawn(CallerLine.Ticket)
    case finished(CallerLine.Ticket, Circuit.Verdict)
  }

  private struct Entry {
    let executor: LaneExecutor
    var hints = Hints()
    var isSignalled = false
  }

  private struct State {
    var lanes: [Lane: Entry] = [:]
    var horizons = Horizons()
    var isClosed = false
  }

  private let parts: PoolParts
  private let state = Mutex(State())

  init(_ parts: PoolParts) {
    self.parts = parts
  }

  var count: Int { state.withLock { $0.lanes.count } }

  /// For tests.
  func waitingCallers(in lane: Lane) async -> Int {
    await state.withLock { $0.lanes[lane]?.executor }?.waitingCallers ?? 0
  }

  /// Passes the invocations of an accepted trigger on to their lanes; what finds no room stays in
  /// the store until its lane reads it.
  ///
  /// - Parameter held: the ordinals that the store holds.
  func offer(_ plan: TriggerPlan, held: Set<Int>) {
    let runnable = plan.invocations.filter {
      $0.state == .pending && $0.holds.isEmpty && !held.contains($0.id.ordinal)
    }
    guard !runnable.isEmpty else { return }
    let executors = state.withLock { state in
      runnable.compactMap { invocation in
        change(&state, Lane(plan.trigger.organization, invocation.functionID)) { hints in
          hints.priority = max(hints.priority ?? invocation.priority, invocation.priority)
          if let time = invocation.nextAttemptTime {
            hints.dueTime = min(hints.dueTime ?? time, time)
          } else {
            add(Assignment(plan.trigger, invocation), to: &hints)
          }
        }
      }
    }
    tell(executors)
  }

  /// Has these lanes read the store.
  ///
  /// - Parameter holdsKeys: whether it holds some of theirs for their concurrency keys.
  func wake(_ lanes: some Collection<Lane>, holdsKeys: Bool = false) {
    guard !lanes.isEmpty else { return }
    let executors = state.withLock { state in
      lanes.compactMap { lane in
        change(&state, lane) {
          $0.storeHasMore = true
          $0.holdsKeys = $0.holdsKeys || holdsKeys
        }
      }
    }
    tell(executors)
  }

  /// Has a lane look anew at what it may start; of one that is gone nothing waits.
  func reconsider(_ lane: Lane) {
    let executor = state.withLock { state in
      state.lanes[lane] == nil ? nil : change(&state, lane) { _ in }
    }
    if let executor { tell([executor]) }
  }

  /// Has these lanes ask again for a place; of those that are gone nothing waits.
  func placesFreed(in lanes: some Collection<Lane>) {
    let executors = state.withLock { state in
      lanes.compactMap { lane in
        state.lanes[lane] == nil ? nil : change(&state, lane) { $0.placeFreed = true }
      }
    }
    tell(executors)
  }

  /// Has a caller wait for its turn; it gets its answer, in any case.
  func call(_ caller: Caller, in lane: Lane) {
    let (isOpen, executor) = state.withLock { state in
      (!state.isClosed, change(&state, lane) { $0.calls.append(.new(caller)) })
    }
    if !isOpen { caller.answer(.closed) }
    if let executor { tell([executor]) }
  }

  /// A caller that waits, or has run the function, is there no more.
  func end(_ call: CallHint, in lane: Lane) {
    let executor = state.withLock { state in
      state.lanes[lane] == nil ? nil : change(&state, lane) { $0.calls.append(call) }
    }
    if let executor { tell([executor]) }
  }

  /// These invocations were ended: they are not to start, and what runs of them is to stop.
  ///
  /// - Returns: false if there is no such lane, and so nothing of them here.
  func end(_ ids: [InvocationID], in lane: Lane) -> Bool {
    let (isThere, executor) = state.withLock { state -> (Bool, LaneExecutor?) in
      guard state.lanes[lane] != nil else {
        // A hint that still comes must not be believed.
        for id in ids { state.horizons.raise(lane.organization, to: id.triggerID) }
        return (false, nil)
      }
      return (true, change(&state, lane) { $0.ended += ids })
    }
    if let executor { tell([executor]) }
    return isThere
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
  func retire(_ lane: Lane, horizon: UniqueID) -> Bool {
    state.withLock { state in
      guard state.lanes[lane]?.isSignalled == false else { return false }
      state.lanes[lane] = nil
      state.horizons.raise(lane.organization, to: horizon)
      return true
    }
  }

  /// Takes no more hints.
  ///
  /// - Returns: the lanes that there are.
  func close() -> [LaneExecutor] {
    let entries = state.withLock { state in
      state.isClosed = true
      defer { state.lanes = [:] }
      return Array(state.lanes.values)
    }
    for case .new(let caller) in entries.flatMap(\.hints.calls) { caller.answer(.closed) }
    return entries.map(\.executor)
  }

  private func tell(_ executors: [LaneExecutor]) {
    for executor in executors { executor.tell() }
  }

  private func add(_ assignment: Assignment, to hints: inout Hints) {
    let organization = assignment.trigger.organization
    guard hints.assignments.count < parts.limits.laneQueueMax,
      parts.budget.room(for: organization) > 0
    else {
      hints.storeHasMore = true
      return
    }
    parts.budget.take(assignment.weight, for: organization)
    hints.assignments.append(assignment)
  }

  /// - Returns: the executor if it has to be told that there are hints.
  private func change(
    _ state: inout State, _ lane: Lane, _ body: (inout Hints) -> Void
  ) -> LaneExecutor? {
    guard !state.isClosed else { return nil }
    let new = { [horizon = state.horizons[lane.organization]] in
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
