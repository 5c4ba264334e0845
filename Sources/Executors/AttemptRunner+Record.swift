import EventCore

extension AttemptRunner {
  /// Makes the state after an attempt durable, as long as it takes: while the store fails, the
  /// outcome waits here and its permit stays taken, so what waits is bounded.
  nonisolated(nonsending) func record(
    _ invocation: Invocation, of assignment: Assignment, _ policy: DeliveryPolicy
  ) async -> AttemptEnd {
    // What came of an invocation that was ended, and perhaps taken up again, is no longer its own.
    guard !running.isStopped(invocation.id) else { return .nothing }
    let deadLetter = deadLetters.plan(for: invocation, of: assignment, policy)
    let recorded = await retry.persist { () throws(StoreError) in
      try await store.record(
        invocation, in: assignment.trigger.organization, deadLetter: deadLetter,
        running: running.check)
    }
    guard let recorded else { return .nothing }
    if let recorded { return .recorded(recorded, deadLetter: deadLetter) }
    await tellStored(invocation.id, in: assignment.trigger.organization)
    return .nothing
  }

  /// Holds an invocation that came to the front although its subscription is paused.
  nonisolated(nonsending) func park(_ assignment: Assignment) async -> AttemptEnd {
    let isHeld = await retry.persist { () throws(StoreError) in
      try await store.park(assignment.invocation.id, in: assignment.trigger.organization)
    }
    return isHeld == true ? .parked : .nothing
  }

  /// The store took no outcome, for the invocation was finished before: by others, who tell of it,
  /// or by this attempt, whose first try to record it failed although it was done.
  private nonisolated(nonsending) func tellStored(_ id: InvocationID, in organization: Organization)
    async
  {
    let stored = await retry.persist { () throws(StoreError) in
      try await store.invocation(id, in: organization)
    }
    guard let stored, let stored else { return }
    board.tell(.changed(stored), of: id.triggerID, in: organization)
  }
}
