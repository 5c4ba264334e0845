import EventCore
import Matching

/// Runs the invocations of one function of one organization: at most as many at once as the
/// function allows, the longest due first. Made when the lane has work, gone when it has none.
actor LaneExecutor {
  nonisolated let lane: Lane
  private let directory: LaneDirectory
  private let parts: PoolParts
  private var state: LaneState
  private var attempts: [InvocationID: Task<Void, Never>] = [:]
  private var timer: Task<Void, Never>?
  private var refillBackoff = StoreBackoff()

  init(_ lane: Lane, in directory: LaneDirectory, _ parts: PoolParts, horizon: UniqueID) {
    self.lane = lane
    self.directory = directory
    self.parts = parts
    state = LaneState(queueMax: parts.limits.laneQueueMax, horizon: horizon)
  }

  func takeHints() {
    let hints = directory.takeHints(of: lane)
    for id in hints.ended {
      parts.budget.give(state.ended(id))
      attempts[id]?.cancel()
    }
    parts.runner.running.forgetEnded(hints.ended)
    for assignment in hints.assignments where !state.offer(assignment) {
      parts.budget.give(assignment.weight)
    }
    state.noteDue(hints.dueTime)
    if hints.storeHasMore { state.wake() }
    if hints.placeFreed { state.placeFreed() }
    step()
  }

  func permitGranted() {
    state.permitGranted()
    step()
  }

  /// Starts nothing from now on.
  ///
  /// - Returns: the attempts that are running.
  func stop() -> [Task<Void, Never>] {
    parts.budget.give(state.stop())
    setTimer(nil)
    step()
    return Array(attempts.values)
  }

  private func step() {
    let function = parts.catalog.function(lane.functionID, in: lane.organization)
    while let action = state.next(
      at: parts.clock.now(),
      concurrency: function?.concurrency ?? Int(FlowControl().maxConcurrency),
      needsPlaces: function?.needsPlaces ?? false)
    {
      guard perform(action) else { return }
    }
  }

  /// - Returns: whether there is more to do.
  private func perform(_ action: LaneState.Action) -> Bool {
    switch action {
    case .requestPermit:
      if parts.permits.request(for: self) { state.permitGranted() }
    case .releasePermit:
      parts.permits.release()
    case .takePlace:
      takePlace()
    case .start(let assignment):
      start(assignment)
    case .refill(let limit, let running):
      Task { await refill(limit: limit, without: running) }
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
    case .busy: parts.budget.give(state.placeMissing(isAbsent: false))
    case .absent: parts.budget.give(state.placeMissing(isAbsent: true))
    }
  }

  private func start(_ assignment: Assignment) {
    parts.budget.give(assignment.weight)
    let id = assignment.invocation.id
    attempts[id] = Task {
      let end = await parts.runner.run(assignment)
      parts.permits.release()
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
  }

  private func refill(limit: Int, without running: Set<InvocationID>) async {
    do throws(StoreError) {
      let work = try await parts.store.due(
        lane, at: parts.clock.now(), limit: limit, without: running)
      parts.outage.succeeded()
      refillBackoff = StoreBackoff()
      let queued = state.refilled(work, limit: limit, room: parts.budget.room)
      for assignment in queued { parts.budget.take(assignment.weight) }
    } catch {
      parts.outage.failed(error)
      state.refillFailed(retryAt: parts.clock.now() + refillBackoff.next(after: error))
    }
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
