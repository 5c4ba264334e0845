import EventCore

/// Takes triggers in, inside the writer's transaction.
struct TriggerIntake {
  let connection: Connection
  let names: Names

  /// What became of it, and for an accepted one its event's number in `names`.
  struct Result {
    var outcome: AcceptOutcome
    var event: Int64
  }

  func accept(_ trigger: Trigger, _ invocations: [Invocation]) throws(SQLiteError) -> Result {
    let organization = try names.number(.organization, trigger.organization)
    let event = try names.number(.event, trigger.organization, trigger.event)
    let triggers = TriggerTable(connection: connection)
    // Also finds what came earlier in the same transaction.
    if !trigger.requestID.isEmpty,
      let first = try triggers.seq(ofRequest: trigger.requestID, in: organization)
    {
      return Result(outcome: try repeated(trigger, first), event: event)
    }
    let seq = try triggers.insert(trigger, organization: organization, event: event)
    guard let seq else {
      return Result(outcome: try sameID(as: trigger), event: event)
    }
    let table = InvocationTable(connection: connection)
    // Backwards, as that is the order of their keys: each goes to the end of the table.
    for invocation in invocations.reversed() {
      try table.insert(invocation, of: trigger, seq: seq, names: names)
    }
    return Result(outcome: .accepted, event: event)
  }

  private func repeated(_ trigger: Trigger, _ seq: Int64) throws(SQLiteError) -> AcceptOutcome {
    let first = try TriggerTable(connection: connection).stored(seq)
    return first.trigger.isSameRequest(as: trigger)
      ? .duplicate(first) : .conflict(first.trigger.triggerID)
  }

  /// The caller tries a trigger again that it didn't see committed.
  private func sameID(as trigger: Trigger) throws(SQLiteError) -> AcceptOutcome {
    let triggers = TriggerTable(connection: connection)
    guard let seq = try triggers.seq(trigger.triggerID, in: trigger.organization) else {
      return .conflict(trigger.triggerID)
    }
    return try repeated(trigger, seq)
  }
}
