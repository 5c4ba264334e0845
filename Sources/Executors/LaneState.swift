import DequeModule
import EventCore

/// What one lane has queued and running, and what it should do next. A value: it decides, the
/// `LaneExecutor` acts.
///
/// An invocation comes here in two ways, as a hint right after it was accepted and by reading the
/// store (a refill), and must start once. So while it is queued or running both are ignored; what
/// finished during a refill is ignored in what that refill brings; and a hint that is not younger
/// than all that refills have brought is not believed: it makes the lane read the store again.
struct LaneState {
  enum Action: Equatable {
    /// `permitGranted()` is to be called when there is one.
    case requestPermit
    case releasePermit
    /// With the permit that was held; `finished` is to be called.
    case start(Assignment)
    /// `refilled` or `refillFailed` is to be called.
    case refill(limit: Int)
    /// Replaces the timer that runs; `timerFired` is to be called. Nil: no timer is needed.
    case setTimer(Timestamp?)
    /// Nothing to do, now or later.
    case retire
  }

  private enum Permit {
    case none, requested, held
  }

  private let queueMax: Int
  private var queue: Deque<Assignment> = []
  private var queued: Set<InvocationID> = []
  private var running: Set<InvocationID> = []
  /// The store may have due work that is neither queued nor running.
  private var storeHasMore = false
  /// While a refill reads: what has finished since it began.
  private var finishedInRefill: Set<InvocationID>?
  private var permit = Permit.none
  /// When to look into the store again.
  private var nextDueTime: Timestamp?
  private var timer: Timestamp?
  private var isStopped = false

  /// The youngest trigger that a refill has brought.
  private(set) var horizon: Timestamp

  init(queueMax: Int, horizon: Timestamp) {
    self.queueMax = queueMax
    self.horizon = horizon
  }

  // MARK: What happens

  /// Takes a hint, unless the store has to be read anyway: what waits there is older.
  ///
  /// - Returns: whether the assignment was queued.
  mutating func offer(_ assignment: Assignment) -> Bool {
    let id = assignment.invocation.id
    guard !isStopped, !isKnown(id) else { return false }
    guard !storeHasMore, finishedInRefill == nil, queue.count < queueMax,
      assignment.trigger.receivedAt > horizon
    else {
      storeHasMore = true
      return false
    }
    enqueue(assignment)
    return true
  }

  /// There is work in the store that no hint brings.
  mutating func noteStoreHasMore() {
    storeHasMore = true
  }

  mutating func permitGranted() {
    precondition(permit == .requested, "a permit that was not asked for")
    permit = .held
  }

  /// - Parameter room: bytes that may be queued; the first assignment is queued in any case.
  /// - Returns: the assignments that were queued.
  mutating func refilled(_ work: DueWork, limit: Int, room: Int) -> ArraySlice<Assignment> {
    let finished = finishedInRefill ?? []
    finishedInRefill = nil
    guard !isStopped else { return [] }
    noteDue(work.nextDueTime)
    let fresh = work.assignments.filter { assignment in
      !isKnown(assignment.invocation.id) && !finished.contains(assignment.invocation.id)
    }
    let taken = Self.fitting(fresh.prefix(queueMax), room: room)
    if taken.count < fresh.count || work.assignments.count >= limit { storeHasMore = true }
    for assignment in taken {
      horizon = max(horizon, assignment.trigger.receivedAt)
      enqueue(assignment)
    }
    return taken
  }

  mutating func refillFailed(retryAt time: Timestamp) {
    finishedInRefill = nil
    noteDue(time)
  }

  /// - Parameter nextDueTime: when it is to run again.
  mutating func finished(_ id: InvocationID, nextDueTime: Timestamp?) {
    running.remove(id)
    finishedInRefill?.insert(id)
    noteDue(nextDueTime)
  }

  mutating func timerFired() {
    timer = nil
  }

  /// From now on nothing is started.
  ///
  /// - Returns: the weight of what was queued; it stays in the store.
  mutating func stop() -> Int {
    isStopped = true
    defer {
      queue = []
      queued = []
    }
    return queue.reduce(0) { $0 + $1.weight }
  }

  // MARK: What to do

  /// To be called, and its action done, until it returns nil or `.retire`.
  mutating func next(at now: Timestamp, concurrency: Int) -> Action? {
    guard !isStopped else { return releasePermit() }
    if let due = nextDueTime, due <= now {
      nextDueTime = nil
      storeHasMore = true
    }
    guard finishedInRefill == nil else { return nil }
    if !queue.isEmpty || storeHasMore, running.count < concurrency { return advance() }
    if permit == .held { return releasePermit() }
    if timer != nextDueTime {
      timer = nextDueTime
      return .setTimer(timer)
    }
    return isIdle ? .retire : nil
  }

  private mutating func advance() -> Action? {
    switch permit {
    case .none:
      permit = .requested
      return .requestPermit
    case .requested:
      return nil
    case .held:
      guard let next = queue.popFirst() else { return refill() }
      permit = .none
      queued.remove(next.invocation.id)
      running.insert(next.invocation.id)
      return .start(next)
    }
  }

  private mutating func refill() -> Action {
    storeHasMore = false
    finishedInRefill = []
    // What runs is still due in the store, and comes first there.
    return .refill(limit: running.count + queueMax)
  }

  private mutating func releasePermit() -> Action? {
    guard permit == .held else { return nil }
    permit = .none
    return .releasePermit
  }

  private static func fitting(
    _ assignments: ArraySlice<Assignment>, room: Int
  ) -> ArraySlice<Assignment> {
    var room = room
    let end = assignments.dropFirst().firstIndex { assignment in
      room -= assignment.weight
      return room < 0
    }
    return assignments[..<(end ?? assignments.endIndex)]
  }

  private var isIdle: Bool {
    queue.isEmpty && running.isEmpty && !storeHasMore && permit == .none && nextDueTime == nil
  }

  private func isKnown(_ id: InvocationID) -> Bool {
    queued.contains(id) || running.contains(id)
  }

  private mutating func enqueue(_ assignment: Assignment) {
    queue.append(assignment)
    queued.insert(assignment.invocation.id)
  }

  private mutating func noteDue(_ time: Timestamp?) {
    guard let time else { return }
    nextDueTime = min(nextDueTime ?? time, time)
  }
}
