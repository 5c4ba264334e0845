import EventCore

/// What one lane has queued and running, and what it should do next. A value: it decides, the
/// `LaneExecutor` acts.
///
/// An invocation comes here in two ways: as a hint right after it was accepted, and by reading the
/// store (a refill). Whatever makes it due later, such as a retry, a delay, a release or a redrive,
/// does so in the store, and the lane is only told to look there: a clock that jumps or a lost hint
/// changes when it looks, not what it finds. Three rules make each start once and none be missed:
///
/// - What is queued or running is ignored in hints and left out of refills; nothing starts while a
///   refill reads.
/// - A hint that is not younger than all that refills have brought may have come after its
///   invocation was run from a refill. It is not believed: the lane reads the store.
/// - An invocation that was left out of a refill because it ran may have become due again meanwhile.
///   If the lane was woken since it started, or nothing is known of its end, the lane reads again.
///
/// Callers who have the function run directly wait here as well (`CallerLine`), and take turns with the
/// invocations.
struct LaneState {
  private enum Permit {
    case none, requested, held
  }

  struct Run {
    /// The count of wakes at its start.
    let wakes: Int
    let key: ConcurrencyKey?
  }

  let queueMax: Int
  var queue: LaneQueue
  var running: [InvocationID: Run] = [:]
  private var callers = CallerLine()
  private var wakeCount = 0
  var priorities = LanePriorities()
  var reading: Reading?
  private var permit = Permit.none
  /// The place of what starts next.
  private var place: UInt64?
  private var waitsForPlace = false
  /// When to look into the store again.
  private var nextDueTime: Timestamp?
  private var timer: Timestamp?
  var isStopped = false

  /// The youngest trigger that a refill has brought.
  var horizon: UniqueID

  init(queueMax: Int, horizon: UniqueID) {
    self.queueMax = queueMax
    queue = LaneQueue(max: queueMax)
    self.horizon = horizon
  }

  // MARK: What happens

  /// Takes a hint, unless the store has to be read anyway: what waits there is older, or of a higher
  /// priority.
  ///
  /// - Returns: the weight that is queued now and was not before.
  mutating func offer(_ assignment: Assignment) -> Int {
    let id = assignment.invocation.id
    let priority = assignment.invocation.priority
    guard !isStopped, !isKnown(id) else { return 0 }
    priorities.see(priority)
    guard priorities.goesFirst(priority), reading == nil, id.triggerID > horizon,
      queue.takesHint(assignment)
    else {
      priorities.leave(priority)
      return 0
    }
    queue.append(assignment)
    return assignment.weight - dropOverflow()
  }

  /// There is, or will be, work of this priority.
  mutating func noteSeen(_ priority: Int32) { priorities.see(priority) }

  /// Something in the store became due that no hint brings.
  mutating func wake() {
    priorities.leaveUnknown()
    wakeCount += 1
  }

  /// Something in the store will be due at `time`.
  mutating func noteDue(_ time: Timestamp?) {
    guard let time else { return }
    nextDueTime = min(nextDueTime ?? time, time)
  }

  /// The store may hold some for their keys of which nothing is known here.
  mutating func noteHeldKeys() { queue.noteHeldKeys() }

  /// An invocation was ended in the store by somebody else: it must not start from what was known
  /// before. The hint may come late, when it has been taken up again: so whatever is left out because
  /// of it is read again.
  ///
  /// - Returns: the weight of what was queued.
  mutating func ended(_ id: InvocationID) -> Int {
    reading?.ended.insert(id)
    guard let removed = queue.remove(id) else {
      // Its hint may be still to come.
      if running[id] == nil { horizon = max(horizon, id.triggerID) }
      return 0
    }
    priorities.leave(removed.invocation.priority)
    return removed.weight
  }

  /// Somebody wants to run the function.
  ///
  /// - Returns: false if too many wait.
  mutating func call(_ ticket: CallerLine.Ticket) -> Bool { callers.add(ticket) }

  /// A caller does not wait any longer.
  ///
  /// - Returns: why its turn had not come; nil if it had.
  mutating func withdraw(
    _ ticket: CallerLine.Ticket, concurrency: Int, needsPlaces: Bool = false,
    gate: FlowGate.Answer = .open
  ) -> Caller.Obstacle? {
    guard callers.withdraw(ticket) else { return nil }
    if needsPlaces, waitsForPlace { return .place }
    if runningCount >= concurrency { return .concurrency }
    return gate == .open ? .permit : .gate
  }

  /// A caller that was admitted has run the function.
  mutating func callFinished(_ ticket: CallerLine.Ticket) { callers.finished(ticket) }

  mutating func permitGranted() {
    precondition(permit == .requested, "a permit that was not asked for")
    permit = .held
  }

  mutating func placeTaken(_ place: UInt64) { self.place = place }

  /// Nothing starts until `placeFreed`.
  ///
  /// - Parameter isAbsent: it may take long: what is queued stays in the store only.
  /// - Returns: the weight of what was queued and is not any more.
  mutating func placeMissing(isAbsent: Bool) -> Int {
    waitsForPlace = true
    return isAbsent ? leaveQueueToStore() : 0
  }

  /// - Returns: the weight of what was queued and is not any more.
  mutating func leaveQueueToStore() -> Int {
    if !queue.isEmpty { priorities.leaveUnknown() }
    return queue.removeAll()
  }

  mutating func placeFreed() { waitsForPlace = false }

  mutating func heldBack(_ assignments: [Assignment]) { queue.heldBack(assignments) }

  mutating func released(_ release: KeyRelease, _ answer: KeyReleased) {
    if queue.released(release, answer) { priorities.leaveUnknown() }
  }

  mutating func finished(_ id: InvocationID, _ rest: Rest) {
    let run = running.removeValue(forKey: id)
    queue.ended(run?.key)
    switch rest {
    case .over: break
    case .waits(let time):
      noteDue(time)
      if run?.wakes != wakeCount { priorities.leaveUnknown() }
    case .unknown: priorities.leaveUnknown()
    }
  }

  /// Whatever the clock says now, it may have jumped: the store knows what is due, and when.
  mutating func timerFired() {
    // Else it was for the gate, which is asked again.
    if let timer, let nextDueTime, nextDueTime <= timer {
      self.nextDueTime = nil
      priorities.leaveUnknown()
    }
    timer = nil
  }

  /// From now on nothing is started.
  ///
  /// - Returns: the weight of what was queued, which stays in the store, and the callers that waited.
  mutating func stop() -> (weight: Int, callers: [CallerLine.Ticket]) {
    isStopped = true
    return (queue.removeAll(), callers.removeWaiting())
  }

  // MARK: What to do

  /// To be called, and its action done, until it returns nil or `.retire`.
  ///
  /// - Parameters:
  ///   - needsPlaces: see `Function.needsPlaces`.
  ///   - gate: what the function's `FlowGate` says at this time.
  mutating func next(
    at now: Timestamp, concurrency: Int, needsPlaces: Bool = false, keyLimit: KeyLimit? = nil,
    gate: FlowGate.Answer = .open
  ) -> Action? {
    guard !isStopped else { return releasePermit() }
    if let due = nextDueTime, due <= now {
      nextDueTime = nil
      priorities.leaveUnknown()
    }
    guard reading == nil else { return nil }
    queue.adopt(keyLimit)
    let ready = priorities.isAgeTurn ? queue.oldestReady : queue.firstReady
    let hasWork = ready != nil || priorities.unread != nil
    if let sorting = queue.sort(isIdle: !hasWork) { return .sort(sorting) }
    var gateTime: Timestamp?
    if hasWork || callers.isWaiting, runningCount < concurrency, !(needsPlaces && waitsForPlace) {
      switch gate {
      case .open: return advance(ready, needsPlaces: needsPlaces)
      case .closed(let until): gateTime = until
      }
    }
    if permit == .held { return releasePermit() }
    let time = [nextDueTime, gateTime].compactMap(\.self).min()
    if timer != time {
      timer = time
      return .setTimer(time)
    }
    return isIdle ? .retire : nil
  }

  /// - Parameter ready: what is to start; nil for whatever the store has.
  private mutating func advance(_ ready: Int?, needsPlaces: Bool) -> Action? {
    switch permit {
    case .none:
      permit = .requested
      return .requestPermit
    case .requested:
      return nil
    case .held:
      let canRead = !queue.isHoldingBack
      let isCallersTurn = callers.isTurn(
        others: ready != nil || (canRead && priorities.unread != nil))
      if !isCallersTurn {
        let priority = ready.map { queue[$0].invocation.priority }
        if canRead, let order = priorities.read(before: priority) { return refill(order) }
        if ready == nil { return nil }
      }
      if needsPlaces, place == nil { return .takePlace }
      permit = .none
      if !isCallersTurn, let ready { return .start(start(at: ready)) }
      return .admit(callers.admit(), place: place.take() ?? 0)
    }
  }

  private mutating func start(at index: Int) -> Assignment {
    callers.passTurn()
    priorities.didStart()
    var next = queue.start(at: index)
    next.place = place.take() ?? 0
    running[next.invocation.id] = Run(wakes: wakeCount, key: next.key)
    return next
  }

  private mutating func releasePermit() -> Action? {
    guard permit == .held else { return nil }
    permit = .none
    return .releasePermit
  }

  private var runningCount: Int { running.count + callers.runningCount }

  private var isIdle: Bool {
    queue.isDone && running.isEmpty && callers.isEmpty && priorities.unread == nil
      && permit == .none && nextDueTime == nil
  }

  func isKnown(_ id: InvocationID) -> Bool {
    queue.contains(id) || running[id] != nil
  }
}
