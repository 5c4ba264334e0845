import EventCore
import HeapModule
import Synchronization

/// Stops attempts whose time is up. One timer for all of them: nearly all end long before, and cost a
/// place in a heap and no timer.
final class AttemptTimeouts: Sendable {
  /// Names a running attempt.
  struct Ticket: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  fileprivate struct Entry: Comparable {
    let deadline: Duration
    let number: UInt64

    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.number) < (right.deadline, right.number)
    }
  }

  fileprivate struct State {
    var lastNumber: UInt64 = 0
    var stops: [UInt64: @Sendable () -> Void] = [:]
    /// With those that have ended meanwhile, at most as many again.
    var heap = Heap<Entry>()
    var timer: Task<Void, Never>?
    var wakeTime = Duration.zero
    /// What is done for attempts that were stopped, and how to cancel it.
    var late: [UInt64: @Sendable () -> Void] = [:]
  }

  private let clock: any PoolClock
  private let state = Mutex(State())

  init(clock: any PoolClock) {
    self.clock = clock
  }

  var heapCount: Int { state.withLock(\.heap.count) }

  /// `stop` is called when the time has passed, unless `end` is called before.
  func start(_ time: Duration, stop: @escaping @Sendable () -> Void) -> Ticket {
    let deadline = clock.uptime() + time
    return state.withLock { state in
      state.lastNumber += 1
      let entry = Entry(deadline: deadline, number: state.lastNumber)
      state.stops[entry.number] = stop
      state.heap.insert(entry)
      if state.timer == nil || deadline < state.wakeTime { arm(&state, at: deadline, after: time) }
      return Ticket(number: entry.number)
    }
  }

  /// - Returns: whether it ended in time, and will not be stopped.
  func end(_ ticket: Ticket) -> Bool {
    state.withLock { state in
      let wasRunning = state.stops.removeValue(forKey: ticket.number) != nil
      if state.heap.count > 2 * state.stops.count + 64 { state.forgetEnded() }
      return wasRunning
    }
  }

  /// Runs what is to be done for an attempt that was stopped by the cancellation of its task, in a
  /// task that nothing but `cancelLate` cancels.
  nonisolated(nonsending) func afterStop<Value: Sendable>(
    of ticket: Ticket, _ body: @escaping @Sendable () async -> Value
  ) async -> Value {
    let task = Task { await body() }
    state.withLock { $0.late[ticket.number] = { task.cancel() } }
    defer { state.withLock { _ = $0.late.removeValue(forKey: ticket.number) } }
    return await task.value
  }

  func cancelLate() {
    for cancel in state.withLock({ $0.late.values }) { cancel() }
  }

  private func arm(_ state: inout State, at time: Duration, after wait: Duration) {
    state.timer?.cancel()
    state.wakeTime = time
    state.timer = Task { [weak self, clock] in
      guard (try? await clock.sleep(wait)) != nil else { return }
      self?.wake()
    }
  }

  private func wake() {
    let now = clock.uptime()
    let stops = state.withLock { state in
      let stops = state.takeDue(at: now)
      state.timer = nil
      if let next = state.heap.min {
        arm(&state, at: next.deadline, after: max(.zero, next.deadline - now))
      }
      return stops
    }
    for stop in stops { stop() }
  }
}

extension AttemptTimeouts.State {
  fileprivate mutating func takeDue(at now: Duration) -> [@Sendable () -> Void] {
    var due: [@Sendable () -> Void] = []
    while let first = heap.min, first.deadline <= now || stops[first.number] == nil {
      heap.removeMin()
      if let stop = stops.removeValue(forKey: first.number) { due.append(stop) }
    }
    return due
  }

  fileprivate mutating func forgetEnded() {
    heap = Heap(heap.unordered.filter { stops[$0.number] != nil })
  }
}
