import EventCore

/// When each event was last triggered: `names.received_at`.
///
/// Kept and not derived from the triggers, because it must never move back: not when triggers are
/// committed in another order than they came in, and not when old ones are deleted. The writer
/// writes it once per event and transaction.
struct ReceivedTimes {
  let connection: Connection

  /// Adds an event's `receivedAt`. What came before the event was created belonged to a namesake.
  func fill(
    _ definition: Definition, in organization: Organization
  ) throws(SQLiteError) -> Definition {
    guard case .event(var event) = definition else { return definition }
    let time = try connection.first(
      "SELECT received_at FROM names WHERE kind = ?1 AND organization = ?2 AND name = ?3",
      Names.Kind.event.rawValue, organization.name, event.event
    ) { $0.timeIfAny(0) }
    if let time, let time, time >= event.stamp.createTime { event.receivedAt = time }
    return .event(event)
  }

  /// - Parameter event: its number in `names`.
  func advance(_ event: Int64, to time: Timestamp) throws(SQLiteError) {
    try connection.run(
      "UPDATE names SET received_at = ?2 WHERE id = ?1 AND ifnull(received_at < ?2, TRUE)",
      event, time)
  }
}
