import EventCore

/// Passes on what a write to the store has changed, to all that know something else: the lanes, the
/// attempts that run, and those who watch. The one way for every write.
struct ConsequenceRelay: Sendable {
  let running: RunningAttempts
  let board: WatchBoard
  let changes: ChangeBoard
  let agenda: UpkeepAgenda
  let clock: any PoolClock

  /// To be called once after the write.
  ///
  /// - Parameter attempt: the invocation whose own attempt made the change, and is over.
  func apply(
    _ consequences: Consequences, to lanes: LaneDirectory, by attempt: InvocationID? = nil
  ) {
    let organization = consequences.organization
    var ended: [Lane: [InvocationID]] = [:]
    for invocation in consequences.changed where invocation.id != attempt {
      guard invocation.state.isTerminal else { continue }
      running.stop(invocation)
      ended[Lane(organization, invocation.functionID), default: []].append(invocation.id)
    }
    // Before anything is woken: what was ended must not start.
    for (lane, ids) in ended where !lanes.end(ids, in: lane) { running.forgetEnded(ids) }
    for invocation in consequences.changed {
      board.tell(.changed(invocation), of: invocation.id.triggerID, in: organization)
    }
    lanes.wake(consequences.lanes)
    if consequences.changed.contains(where: \.state.isTerminal) {
      agenda.noteFinished(at: clock.now())
    }
    if !consequences.changed.isEmpty { changes.raise() }
  }
}
