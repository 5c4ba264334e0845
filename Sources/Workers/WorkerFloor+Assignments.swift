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
    leases[lease]!.phase = .assigned(request, startBy: startBy)
    leases[lease]!.attempt = running
    return [.tell(line, .run(lease: lease, request))]
  }

  mutating func start(_ lease: UInt64, of key: SessionKey, stream: UInt64) {
    guard case .assigned? = held(lease, by: key, stream)?.phase else { return }
    leases[lease]!.phase = .started
  }

  /// What becomes of a piece of output.
  enum Progress {
    /// The last `fresh` bytes of it are new.
    case taken(any OutputSink, fresh: Int)
    /// What should have come before it did not: so many bytes are there.
    case missing(after: UInt64)
    /// The lease is not the worker's.
    case lost
  }

  mutating func progress(
    _ lease: UInt64, of key: SessionKey, stream: UInt64, offset: UInt64, count: Int
  ) -> Progress {
    guard let assignment = held(lease, by: key, stream), let running = assignment.attempt
    else { return .lost }
    guard offset <= assignment.outputBytes else { return .missing(after: assignment.outputBytes) }
    if case .assigned = assignment.phase { leases[lease]!.phase = .started }
    let fresh = max(0, count - Int(assignment.outputBytes - offset))
    leases[lease]!.outputBytes += UInt64(fresh)
    return .taken(running.sink, fresh: fresh)
  }

  /// What becomes of a result.
  enum Report {
    /// The last of its output goes to the sink before the effects are carried out.
    case taken(any OutputSink, [Effect])
    /// It is known: the order `settle` will come when it is durable.
    case known
    /// It was recorded before, and the worker could not be told.
    case settled
    /// The lease is not the worker's any more.
    case lost
  }

  mutating func report(
    _ lease: UInt64, of key: SessionKey, stream: UInt64, _ result: AttemptResult
  ) -> Report {
    // Another stream has the session; there the result comes again.
    guard let session = current(key, stream) else { return .known }
    if let index = session.settled.firstIndex(of: lease) {
      sessions[key]!.settled.remove(at: index)
      return .settled
    }
    guard let assignment = held(lease, by: key, stream) else { return .lost }
    guard let running = assignment.attempt else { return .known }
    leases[lease]!.phase = .reported
    leases[lease]!.attempt = nil
    var result = result
    result.worker = session.worker
    return .taken(running.sink, [.finish(running, .result(result))])
  }

  /// The lease, if it is that worker's, and the stream its latest.
  private func held(_ lease: UInt64, by key: SessionKey, _ stream: UInt64) -> WorkerAssignment? {
    guard current(key, stream) != nil, let assignment = leases[lease], assignment.session == key
    else { return nil }
    return assignment
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
      guard case .assigned(_, let startBy) = assignment.phase, startBy <= now,
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
