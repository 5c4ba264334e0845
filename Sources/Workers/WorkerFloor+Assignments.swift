import EventCore

/// What becomes of assignments.
extension WorkerFloor {
  /// Hands an attempt to the worker that has a place for it.
  mutating func assign(
    _ lease: UInt64, _ request: AttemptRequest, _ running: RunningAssignment,
    startBy: ContinuousClock.Instant
  ) -> [Effect] {
    guard let assignment = leases[lease], let session = sessions[assignment.session],
      let line = session.line
    else { return [.finish(running, .notStarted)] }
    if assignment.isCancelled { return end(lease, .cancelled, telling: nil, running) }
    leases[lease]!.phase = .assigned(startBy: startBy)
    leases[lease]!.attempt = running
    return [.tell(line, .run(lease: lease, request))]
  }

  mutating func start(_ lease: UInt64, of key: SessionKey) {
    guard leases[lease]?.session == key, case .assigned? = leases[lease]?.phase else { return }
    leases[lease]!.phase = .started
  }

  /// - Returns: where output goes, and what of it is new; nil if the lease is not the worker's.
  mutating func progress(
    _ lease: UInt64, of key: SessionKey, offset: UInt64?, count: Int
  ) -> (sink: any OutputSink, fresh: Int)? {
    guard let assignment = leases[lease], assignment.session == key,
      let running = assignment.attempt
    else { return nil }
    if case .assigned = assignment.phase { leases[lease]!.phase = .started }
    let offset = min(offset ?? assignment.outputBytes, assignment.outputBytes)
    let known = Int(assignment.outputBytes - offset)
    leases[lease]!.outputBytes += UInt64(max(0, count - known))
    return (running.sink, max(0, count - known))
  }

  /// - Returns: nil if the lease is not the worker's any more. `isSettled` if the result was recorded before,
  ///   and the worker could not be told.
  mutating func report(
    _ lease: UInt64, of key: SessionKey, _ result: AttemptResult
  ) -> (isSettled: Bool, effects: [Effect])? {
    if let index = sessions[key]?.settled.firstIndex(of: lease) {
      sessions[key]!.settled.remove(at: index)
      return (true, [])
    }
    guard let assignment = leases[lease], assignment.session == key else { return nil }
    guard let running = assignment.attempt else { return (false, []) }
    leases[lease]!.phase = .reported
    leases[lease]!.attempt = nil
    var result = result
    result.worker = sessions[key]?.worker ?? ""
    return (false, [.finish(running, .result(result))])
  }

  /// Nobody wants the attempt's result any more.
  mutating func cancel(_ lease: UInt64) -> [Effect] {
    guard let assignment = leases[lease] else { return [] }
    guard let running = assignment.attempt else {
      leases[lease]!.isCancelled = true
      return []
    }
    return end(lease, .cancelled, telling: "the attempt was stopped", running)
  }

  /// The attempt is over, and its place with it.
  mutating func leavePlace(_ place: UInt64, isRecorded: Bool) -> [Effect] {
    guard let lease = lease(of: place), let assignment = leases[lease] else { return [] }
    let wasReported = if case .reported = assignment.phase { true } else { false }
    let wasReserved = if case .reserved = assignment.phase { true } else { false }
    let order: WorkerOrder? =
      if !wasReported { nil } else if isRecorded { .settle(lease: lease) } else {
        .cancel(lease: lease, reason: "the result was not recorded")
      }
    return release(lease, order, refundsCredit: wasReserved)
  }

  /// What has waited too long: assignments that nobody started, workers that did not come back.
  mutating func expire(at now: ContinuousClock.Instant) -> [Effect] {
    var effects: [Effect] = []
    for (lease, assignment) in leases {
      guard case .assigned(let startBy) = assignment.phase, startBy <= now,
        let running = assignment.attempt
      else { continue }
      effects += end(lease, .notStarted, telling: "it was not started in time", running)
    }
    for (key, session) in sessions {
      guard session.line == nil, let end = session.graceEnd, end <= now else { continue }
      for lease in session.leases { effects += lose(lease, session.worker) }
      sessions[key] = nil
    }
    return effects
  }

  private mutating func lose(_ lease: UInt64, _ worker: String) -> [Effect] {
    guard let assignment = leases[lease] else { return [] }
    if case .reported = assignment.phase { return [] }
    forget(lease)
    guard let running = assignment.attempt else { return [] }
    if case .assigned = assignment.phase { return [.finish(running, .notStarted)] }
    return [.finish(running, .lost(worker: worker))]
  }

  private mutating func end(
    _ lease: UInt64, _ end: AssignmentEnd, telling reason: String?, _ running: RunningAssignment
  ) -> [Effect] {
    release(lease, reason.map { .cancel(lease: lease, reason: $0) }) + [.finish(running, end)]
  }

  /// - Parameter order: what the worker is told.
  private mutating func release(
    _ lease: UInt64, _ order: WorkerOrder?, refundsCredit: Bool = false
  ) -> [Effect] {
    guard let key = leases[lease]?.session else { return [] }
    forget(lease)
    guard sessions[key] != nil else { return [] }
    sessions[key]!.leases.remove(lease)
    guard let line = sessions[key]!.line else {
      if case .settle? = order { sessions[key]!.noteSettled(lease) }
      return []
    }
    var effects = order.map { [Effect.tell(line, $0)] } ?? []
    if refundsCredit {
      sessions[key]!.credit += 1
      if sessions[key]!.canTake, !isLeaving { effects += offer(key) }
    }
    return effects + endIfDrained(key)
  }
}

extension WorkerSession {
  fileprivate mutating func noteSettled(_ lease: UInt64) {
    if settled.count == WorkerLimits.settledMax { settled.removeFirst() }
    settled.append(lease)
  }
}
