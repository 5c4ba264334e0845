import EventCore

/// Writes the log of changes; the writer's.
final class ChangeLog {
  private let connection: Connection
  private let limits: StoreLimits
  /// The last place that was given; nil until it is needed.
  private var lastPlace: Int64?

  init(on connection: Connection, limits: StoreLimits) {
    self.connection = connection
    self.limits = limits
  }

  /// - Parameter organization: its number in `names`.
  /// - Returns: the change's place.
  func append(
    _ key: InvocationKey, organization: Int64, at now: Timestamp
  ) throws(SQLiteError) -> Int64 {
    let place = try last() + 1
    try connection.run(
      "INSERT INTO changes (place, organization, invocation, at) VALUES (?1, ?2, ?3, ?4)",
      place, organization, key, now)
    lastPlace = place
    return place
  }

  /// Removes what is older than the window, up to a limit.
  ///
  /// - Returns: when the next one is to go; nil if none is left.
  func prune(at now: Timestamp) throws(SQLiteError) -> Timestamp? {
    let expiry = now + (.zero - limits.changesWindow)
    let next = try first()
    guard let next, next.at <= expiry else { return next.map { $0.at + limits.changesWindow } }
    // In the order of commits, and clocks step: it is cut before the first that stays.
    let end = try connection.first(
      """
      SELECT place FROM changes WHERE place < ?1 AND at > ?2 ORDER BY place LIMIT 1
      """, next.place + Int64(limits.prunedChangesMax), expiry
    ) { $0.integer(0) }
    let last = min(try self.last(), next.place + Int64(limits.prunedChangesMax) - 1)
    let forgotten = end.map { $0 - 1 } ?? last
    try connection.run("DELETE FROM changes WHERE place <= ?1", forgotten)
    try connection.run("UPDATE forgotten SET place = ?1", forgotten)
    return try first().map { $0.at + limits.changesWindow }
  }

  /// Must be called when a transaction was rolled back.
  func forget() { lastPlace = nil }

  private func first() throws(SQLiteError) -> (place: Int64, at: Timestamp)? {
    try connection.first("SELECT place, at FROM changes ORDER BY place LIMIT 1") {
      (place: $0.integer(0), at: $0.time(1))
    }
  }

  private func last() throws(SQLiteError) -> Int64 {
    if let lastPlace { return lastPlace }
    let last = try ChangeTable(connection: connection).bounds().last
    lastPlace = last
    return last
  }
}
