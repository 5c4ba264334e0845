package import EventCore

extension ExecutorPool {
  /// Ends what has not finished of a trigger, or one invocation: CANCELLED in the store when this
  /// returns, their functions are being stopped, and what they still say is not recorded.
  ///
  /// - Parameter error: what their `Invocation.error` becomes.
  /// - Returns: what changed, with what a group's strategy made of it; empty if all was finished; nil
  ///   if there is no such trigger or invocation.
  package func cancel(
    _ target: CancelTarget, in organization: Organization, _ error: InvocationError
  ) async throws(StoreError) -> [Invocation]? {
    let consequences = try await store.cancel(
      target, in: organization, error, at: clock.now(), running: running.check)
    guard let consequences else { return nil }
    relay.apply(consequences, to: lanes)
    return consequences.changed
  }

  /// Takes up again those of the invocations that finished without success. They run as soon as
  /// there is room.
  ///
  /// - Parameter ids: at most `Limits.pageSizeMax`.
  /// - Returns: those that were taken up, and the members of their groups that came back with them.
  package func redrive(
    _ ids: [InvocationID], in organization: Organization
  ) async throws(StoreError) -> [Invocation] {
    let consequences = try await store.redrive(ids, in: organization, at: clock.now())
    relay.apply(consequences, to: lanes)
    return consequences.changed
  }

  /// Runs a function once, for no event: see `DirectRun`. It counts among the function's invocations and
  /// the pool's.
  ///
  /// - Parameters:
  ///   - trigger: what the function gets; a new one with an id of its own, which is not stored.
  ///   - timeout: of all of it, from now on.
  /// - Throws: DRAINING, or QUEUE_FULL if too many run or wait so.
  package func run(
    _ functionID: String, with trigger: Trigger, within timeout: Duration
  ) throws(GatewayError) -> DirectRun {
    let runner = DirectRunner(
      runner: runner, lanes: lanes, permits: permits, functionID: functionID, trigger: trigger,
      timeout: timeout)
    let run = DirectRun(watch(trigger.triggerID))
    try directRuns.start(run, bytes: trigger.weight) { await runner.run($0) }
    return run
  }

  /// To be called after a subscription was resumed or deleted, or an event's retention changed:
  /// else what follows from it takes up to `ExecutorLimits.upkeepInterval`.
  package func upkeepNeeded() {
    let now = clock.now()
    agenda.note(.unpark, at: now)
    agenda.note(.prune, at: now)
  }
}
