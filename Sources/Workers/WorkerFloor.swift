import DequeModule
import EventCore

/// Who is there, who has room, and who has what: a value that decides; the `WorkerHub` acts.
///
/// A place is an attempt's, from before its beginning until its outcome is recorded. A lease is a
/// worker's, for one assignment; a place whose worker did not start in time gets another lease, and
/// whatever comes of the first is refused.
struct WorkerFloor {
  /// What is to be done once the state is no longer locked.
  enum Effect {
    case tell(WorkerLine, WorkerOrder)
    case end(WorkerLine)
    case finish(RunningAssignment, AssignmentEnd)
    /// A place for an attempt that waits for another; nil when it was cancelled.
    case give(UnsafeContinuation<UInt64?, Never>, UInt64?)
    /// There is room for functions whose lanes were told that there is none.
    case freed([Lane])
  }

  var sessions: [SessionKey: WorkerSession] = [:]
  var leases: [UInt64: WorkerAssignment] = [:]
  /// The lease that a place has now.
  private var places: [UInt64: UInt64] = [:]
  /// Workers that may have room, the longest idle first; looked at again when their turn comes.
  private var free: [Lane: Deque<SessionKey>] = [:]
  private var served: [Lane: Int] = [:]
  private var starved: Set<Lane> = []
  private var waiters: [Lane: Deque<UInt64>] = [:]
  private var waiting: [UInt64: UnsafeContinuation<UInt64?, Never>] = [:]
  private var lastNumber: UInt64
  private(set) var isLeaving = false

  /// - Parameter firstNumber: leases of an earlier run of the gateway must not be taken for those of
  ///   this one.
  init(firstNumber: UInt64) { lastNumber = firstNumber }

  private mutating func nextNumber() -> UInt64 {
    lastNumber += 1
    return lastNumber
  }

  // MARK: Workers

  /// - Returns: the number of the stream; nil if there are too many workers.
  mutating func connect(
    _ key: SessionKey, worker: String, lanes: [Lane], _ line: WorkerLine
  ) -> (stream: UInt64, leases: [UInt64], effects: [Effect])? {
    var effects: [Effect] = []
    let stream = nextNumber()
    if let session = sessions[key] {
      if let line = session.line {
        effects += [.tell(line, .yield), .end(line)]
        detach(key)
      }
      sessions[key]!.attach(line, stream: stream, lanes: lanes)
      effects += unstarted(of: key).map { .tell(line, .run(lease: $0, $1)) }
    } else {
      guard sessions.count < WorkerLimits.sessionsMax else { return nil }
      sessions[key] = WorkerSession(worker: worker, lanes: lanes, stream: stream, line: line)
    }
    count(lanes, by: 1)
    if isLeaving { effects.append(.tell(line, .leave)) }
    return (stream, sessions[key]!.leases.sorted(), effects)
  }

  /// Assignments that may have been lost with the stream they were sent on.
  private func unstarted(of key: SessionKey) -> [(lease: UInt64, AttemptRequest)] {
    sessions[key]!.leases.sorted().compactMap { lease in
      guard case .assigned(let request, _)? = leases[lease]?.phase else { return nil }
      return (lease, request)
    }
  }

  /// The stream is gone; its assignments wait for the worker to come back.
  mutating func disconnect(
    _ key: SessionKey, stream: UInt64, graceEnd: ContinuousClock.Instant
  ) {
    guard let session = current(key, stream), session.line != nil else { return }
    detach(key)
    sessions[key]!.graceEnd = graceEnd
    if sessions[key]!.leases.isEmpty, session.settled.isEmpty { sessions[key] = nil }
  }

  /// Its places whose attempts have not begun are lost: they get another worker.
  private mutating func detach(_ key: SessionKey) {
    sessions[key]!.line = nil
    sessions[key]!.credit = 0
    for lease in sessions[key]!.leases {
      guard case .reserved? = leases[lease]?.phase else { continue }
      sessions[key]!.leases.remove(lease)
      forget(lease)
    }
    count(sessions[key]!.lanes, by: -1)
  }

  /// - Returns: nil if it has more credit than is allowed.
  mutating func addCredit(
    _ count: Int, of key: SessionKey, stream: UInt64
  ) -> [Effect]? {
    guard let session = current(key, stream) else { return [] }
    guard count > 0, session.credit + count <= WorkerLimits.creditMax else { return nil }
    sessions[key]!.credit += count
    guard !session.isDraining, !isLeaving else { return [] }
    return offer(key)
  }

  mutating func drain(_ key: SessionKey, stream: UInt64) -> [Effect] {
    guard current(key, stream) != nil else { return [] }
    sessions[key]!.isDraining = true
    return endIfDrained(key)
  }

  /// The gateway assigns nothing more.
  mutating func leave() -> [Effect] {
    isLeaving = true
    return sessions.flatMap { key, session -> [Effect] in
      guard let line = session.line else { return [] }
      return [.tell(line, .leave)] + endIfDrained(key)
    }
  }

  /// Nil if another stream has the session: what this one still says does not count.
  func current(_ key: SessionKey, _ stream: UInt64) -> WorkerSession? {
    guard let session = sessions[key], session.stream == stream else { return nil }
    return session
  }

  func endIfDrained(_ key: SessionKey) -> [Effect] {
    guard let session = sessions[key], let line = session.line, session.leases.isEmpty,
      session.isDraining || isLeaving
    else { return [] }
    return [.end(line)]
  }

  private mutating func count(_ lanes: [Lane], by change: Int) {
    for lane in lanes {
      let count = (served[lane] ?? 0) + change
      served[lane] = count == 0 ? nil : count
      if count == 0 { unqueueAll(of: lane) }
    }
  }

  private mutating func unqueueAll(of lane: Lane) {
    for key in free.removeValue(forKey: lane) ?? [] { sessions[key]?.queuedIn.remove(lane) }
  }

  // MARK: Places

  mutating func takePlace(in lane: Lane) -> RunPlace {
    guard !isLeaving, let key = popFree(lane) else {
      starved.insert(lane)
      return served[lane] == nil || isLeaving ? .absent : .busy
    }
    let place = nextNumber()
    reserve(key, lane, place)
    return .taken(place)
  }

  /// Another place for an attempt whose worker did not start it.
  mutating func takePlace(
    _ place: UInt64, in lane: Lane, _ continuation: UnsafeContinuation<UInt64?, Never>
  ) -> [Effect] {
    guard places[place] == nil else { return [.give(continuation, nil)] }
    guard !isLeaving, let key = popFree(lane) else {
      waiting[place] = continuation
      waiters[lane, default: []].append(place)
      return []
    }
    return [.give(continuation, reserve(key, lane, place))]
  }

  mutating func stopWaiting(_ place: UInt64, in lane: Lane) -> [Effect] {
    guard let continuation = waiting.removeValue(forKey: place) else { return [] }
    waiters[lane]?.removeAll { $0 == place }
    if waiters[lane]?.isEmpty == true { waiters[lane] = nil }
    return [.give(continuation, nil)]
  }

  @discardableResult
  private mutating func reserve(_ key: SessionKey, _ lane: Lane, _ place: UInt64) -> UInt64 {
    let lease = nextNumber()
    sessions[key]!.credit -= 1
    sessions[key]!.leases.insert(lease)
    leases[lease] = WorkerAssignment(session: key, lane: lane, place: place)
    places[place] = lease
    enqueue(key, only: lane)
    return lease
  }

  func lease(of place: UInt64) -> UInt64? { places[place] }

  /// - Returns: the worker that has waited longest for work of this lane.
  private mutating func popFree(_ lane: Lane) -> SessionKey? {
    while let key = free[lane]?.popFirst() {
      sessions[key]?.queuedIn.remove(lane)
      if let session = sessions[key], session.canTake, session.lanes.contains(lane) { return key }
    }
    return nil
  }

  private mutating func enqueue(_ key: SessionKey, only lane: Lane? = nil) {
    guard let session = sessions[key], session.canTake else { return }
    for lane in lane.map({ [$0] }) ?? session.lanes where !session.queuedIn.contains(lane) {
      sessions[key]!.queuedIn.insert(lane)
      free[lane, default: []].append(key)
      // Workers that came and went while there was no work.
      if free[lane]!.count > 2 * served[lane, default: 0] + 16 { compact(lane) }
    }
  }

  /// For tests.
  func queuedCount(in lane: Lane) -> Int { free[lane]?.count ?? 0 }

  private mutating func compact(_ lane: Lane) {
    let queue = free[lane]!
    unqueueAll(of: lane)
    for key in queue where sessions[key]?.canTake == true {
      guard sessions[key]!.queuedIn.insert(lane).inserted else { continue }
      free[lane, default: []].append(key)
    }
  }

  /// A worker has room: first for attempts that wait for another place, then for whoever asks.
  mutating func offer(_ key: SessionKey) -> [Effect] {
    var effects: [Effect] = []
    for lane in sessions[key]!.lanes {
      while sessions[key]!.canTake, let place = waiters[lane]?.popFirst() {
        guard let continuation = waiting.removeValue(forKey: place) else { continue }
        effects.append(.give(continuation, reserve(key, lane, place)))
      }
      if waiters[lane]?.isEmpty == true { waiters[lane] = nil }
    }
    enqueue(key)
    let freed = sessions[key]!.lanes.filter { starved.contains($0) }
    starved.subtract(freed)
    if !freed.isEmpty { effects.append(.freed(freed)) }
    return effects
  }

  mutating func forget(_ lease: UInt64) {
    guard let assignment = leases.removeValue(forKey: lease) else { return }
    if places[assignment.place] == lease { places[assignment.place] = nil }
  }
}
