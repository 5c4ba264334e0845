import EventCore
import Matching

/// Runs the invocations of one function of one organization: at most as many at once as the
/// function allows, the longest due first. Made when the lane has work, gone when it has none.
actor LaneExecutor {
  nonisolated let lane: Lane
  private let directory: LaneDirectory
  private let parts: PoolParts
  private var state: LaneState
  private var attempts: [InvocationID: AttemptTask] = [:]
  private var isStepping = false
  /// Those that wait, and those whose turn has come, with their function as it was then.
  private var callers: [CallerLine.Ticket: Caller] = [:]
  private var admitted: [CallerLine.Ticket: (run: InvocationID, of: CompiledFunction?)] = [:]
  private var timer: Task<Void, Never>?
  private var refillBackoff = StoreBackoff()

  init(_ lane: Lane, in directory: LaneDirectory, _ parts: PoolParts, horizon: UniqueID) {
    self.lane = lane
    self.directory = directory
    self.parts = parts
    state = LaneState(queueMax: parts.limits.laneQueueMax, horizon: horizon)
  }

  /// There are hints in the directory.
  nonisolated func tell() {
    Task(executorPreference: parts.executor) { await self.takeHints() }
  }

  /// There is the permit that was asked for.
  nonisolated func grantPermit() {
    Task(executorPreference: parts.executor) { await self.permitGranted() }
  }

  private func takeHints() {
    let hints = directory.takeHints(of: lane)
    for id in hints.ended {
      give(state.ended(id))
      attempts[id]?.cancel()
    }
    parts.runner.running.forgetEnded(hints.ended)
    let function = function
    for assignment in hints.assignments {
      give(assignment.weight - state.offer(assignment.keyed(by: function)))
    }
    if let priority = hints.priority { state.noteSeen(priority) }
    state.noteDue(hints.dueTime)
    if hints.storeHasMore { state.wake() }
    if hints.holdsKeys { state.noteHeldKeys() }
    if hints.placeFreed { state.placeFreed() }
    for call in hints.calls { take(call) }
    step()
  }

  /// So much of the lane waits in memory no longer.
  private func give(_ bytes: Int) { parts.budget.give(bytes, from: lane.organization) }

  var waitingCallers: Int { callers.count }

  private func permitGranted() {
    state.permitGranted()
    step()
  }

  /// Starts nothing from now on.
  ///
  /// - Returns: the attempts that are running.
  func stop() -> [Task<Void, Never>] {
    let stopped = state.stop()
    give(stopped.weight)
    for ticket in stopped.callers { callers.removeValue(forKey: ticket)?.answer(.closed) }
    setTimer(nil)
    step()
    return attempts.values.compactMap(\.task)
  }

  private var function: CompiledFunction? {
    parts.catalog.compiledFunction(lane.functionID, in: lane.organization)
  }

  private func step() {
    // An attempt that ends before it waits for anything comes here while others are being started.
    guard !isStepping else { return }
    isStepping = true
    defer { isStepping = false }
    let function = function
    let flow = function?.function.flow ?? FlowControl()
    while true {
      let now = parts.clock.now()
      let gate = function?.gate { $0.answer(at: now) } ?? .open
      if gate.isClosedLong(at: now) {
        give(state.leaveQueueToStore())
      }
      let action = state.next(
        at: now, concurrency: function?.function.concurrency ?? Int(flow.maxConcurrency),
        needsPlaces: function?.function.needsPlaces ?? false, keyLimit: flow.keyLimit, gate: gate)
      guard let action, perform(action, of: function) else { return }
    }
  }

  /// - Returns: whether there is more to do.
  private func perform(_ action: LaneState.Action, of function: CompiledFunction?) -> Bool {
    switch action {
    case .requestPermit:
      if parts.permits.request(for: self) { state.permitGranted() }
    case .releasePermit:
      parts.permits.release(of: lane)
    case .takePlace:
      takePlace()
    case .start(let assignment):
      start(assignment, of: function)
    case .admit(let ticket, let place):
      admit(ticket, at: place, of: function)
    case .refill(let order, let limit, let known):
      Task(executorPreference: parts.executor) {
        await self.refill(order, limit: limit, without: known)
      }
    case .sort(.holdBack(let assignments)):
      give(assignments.reduce(0) { $0 + $1.weight })
      Task(executorPreference: parts.executor) { await self.holdBack(assignments) }
    case .sort(.release(let release)):
      Task(executorPreference: parts.executor) { await self.release(release) }
    case .setTimer(let time):
      setTimer(time)
    case .retire:
      _ = directory.retire(lane, horizon: state.horizon)
      return false
    }
    return true
  }

  private func takePlace() {
    switch parts.runner.runtime.takePlace(in: lane) {
    case .taken(let place): state.placeTaken(place)
    case .busy: give(state.placeMissing(isAbsent: false))
    case .absent: give(state.placeMissing(isAbsent: true))
    }
  }

  private func start(_ assignment: Assignment, of function: CompiledFunction?) {
    give(assignment.weight)
    let id = assignment.invocation.id
    let now = parts.clock.now()
    parts.circuitLog.note(function?.gate { $0.began(id, at: now) }, of: lane)
    let attempt = AttemptTask()
    attempts[id] = attempt
    // Up to its first wait it runs here and now.
    attempt.set(
      Task.immediate(executorPreference: parts.executor) {
        let end = await parts.runner.run(assignment, cancel: attempt.cancel)
        finish(assignment, end, of: function)
      })
  }

  private func finish(
    _ assignment: Assignment, _ end: AttemptEnd, of function: CompiledFunction?
  ) {
    let id = assignment.invocation.id
    let now = parts.clock.now()
    parts.circuitLog.note(function?.gate { $0.ended(id, end.verdict, at: now) }, of: lane)
    parts.permits.release(of: lane)
    if assignment.place != 0 {
      parts.runner.runtime.leavePlace(assignment.place, isRecorded: end.isRecorded)
    }
    attempts[id] = nil
    state.finished(id, end.rest)
    if case .recorded(let consequences, let deadLetter) = end {
      parts.relay.apply(consequences, to: directory, by: id)
      if let deadLetter { parts.agenda.note(deadLetter, at: parts.clock.now()) }
    }
    step()
  }

  // MARK: Callers

  private func take(_ call: LaneDirectory.CallHint) {
    switch call {
    case .new(let caller):
      guard state.call(caller.ticket) else { return caller.answer(.full) }
      callers[caller.ticket] = caller
    case .withdrawn(let ticket): withdraw(ticket)
    case .finished(let ticket, let verdict):
      state.callFinished(ticket)
      guard let (run, function) = admitted.removeValue(forKey: ticket) else { return }
      let now = parts.clock.now()
      parts.circuitLog.note(function?.gate { $0.ended(run, verdict, at: now) }, of: lane)
    }
  }

  private func withdraw(_ ticket: CallerLine.Ticket) {
    let (function, now) = (function, parts.clock.now())
    let flow = function?.function.flow ?? FlowControl()
    let obstacle = state.withdraw(
      ticket, concurrency: function?.function.concurrency ?? Int(flow.maxConcurrency),
      needsPlaces: function?.function.needsPlaces ?? false,
      gate: function?.gate { $0.answer(at: now) } ?? .open)
    if let obstacle { callers.removeValue(forKey: ticket)?.answer(.notYet(obstacle)) }
  }

  private func admit(
    _ ticket: CallerLine.Ticket, at place: UInt64, of function: CompiledFunction?
  ) {
    guard let caller = callers.removeValue(forKey: ticket) else {
      preconditionFailure("a caller is admitted who does not wait")
    }
    let now = parts.clock.now()
    parts.circuitLog.note(function?.gate { $0.began(caller.run, at: now) }, of: lane)
    admitted[ticket] = (caller.run, function)
    caller.answer(.turn(place: place))
  }

  // MARK: The store

  private func refill(_ order: DueOrder, limit: Int, without known: Set<InvocationID>) async {
    do throws(StoreError) {
      var work = try await parts.store.due(
        lane, at: parts.clock.now(), limit: limit, without: known, order)
      let function = function
      work.assignments = work.assignments.map { $0.keyed(by: function) }
      parts.outage.succeeded()
      refillBackoff = StoreBackoff()
      let room = parts.budget.room(for: lane.organization)
      parts.budget.take(state.refilled(work, limit: limit, room: room), for: lane.organization)
    } catch {
      parts.outage.failed(error)
      state.refillFailed(retryAt: parts.clock.now() + refillBackoff.next(after: error))
    }
    step()
  }

  /// Tried until it is done: meanwhile the lane reads nothing.
  private func holdBack(_ assignments: [Assignment]) async {
    let keys = assignments.reduce(into: [:]) { keys, one in keys[one.invocation.id] = one.key }
    let held: Void? = await parts.retry.persist {
      @Sendable [store = parts.store, lane] () throws(StoreError) in
      try await store.hold(keys, in: lane)
    }
    guard held != nil else { return }
    state.heldBack(assignments)
    step()
  }

  private func release(_ release: KeyRelease) async {
    let released = await parts.retry.persist {
      @Sendable [store = parts.store, lane] () throws(StoreError) in
      try await store.release(release, in: lane)
    }
    guard let released else { return }
    state.released(release, released)
    step()
  }

  private func setTimer(_ time: Timestamp?) {
    timer?.cancel()
    timer = time.map { time in
      let wait = min(time - parts.clock.now(), ExecutorLimits.timerMax)
      return Task {
        guard (try? await parts.clock.sleep(wait)) != nil, !Task.isCancelled else { return }
        state.timerFired()
        step()
      }
    }
  }
}

extension Assignment {
  fileprivate func keyed(by function: CompiledFunction?) -> Assignment {
    var keyed = self
    keyed.key = function?.concurrencyKey(of: trigger)
    return keyed
  }
}

extension FlowGate.Answer {
  /// Long enough for others to use the room of what is queued.
  fileprivate func isClosedLong(at now: Timestamp) -> Bool {
    guard case .closed(let until) = self else { return false }
    return until.map { $0 - now > ExecutorLimits.queueKeepTime } ?? true
  }
}
