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

  /// To be called after a subscription was resumed or deleted, or an event's retention changed:
  /// else what follows from it takes up to `ExecutorLimits.upkeepInterval`.
  package func upkeepNeeded() {
    let now = clock.now()
    agenda.note(.unpark, at: now)
    agenda.note(.prune, at: now)
  }
}
