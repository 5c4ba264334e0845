import EventCore

/// Finished triggers, and when they may go; the writer's.
///
/// The table `finished` says what has finished when. In memory is only when the first of each event
/// and class is due, so that pruning looks at nothing that stays.
final class Retention {
  /// What is kept for the same time. Stored in `finished.class`.
  enum Class: Int64 {
    case plain = 0
    /// An invocation failed.
    case deadLetter = 1
    /// Its retention has passed, but its request id is still to be known; `finished_at` is until
    /// when.
    case requested = 2
  }

  private struct Key: Hashable {
    var event: Int64
    var kind: Class
  }

  private struct Turn {
    /// When the first one finished.
    var first: Timestamp
    /// Nil until the event's retention has been looked up.
    var due: Timestamp?
  }

  private let connection: Connection
  private let limits: StoreLimits
  /// Nil until it is needed.
  private var turns: [Key: Turn]?

  init(on connection: Connection, limits: StoreLimits) {
    self.connection = connection
    self.limits = limits
  }

  /// - Parameters:
  ///   - event: its number in `names`.
  ///   - place: the newest change of its invocations; 0 for none.
  func note(
    _ seq: Int64, event: Int64, _ kind: Class, at time: Timestamp, place: Int64
  ) throws(SQLiteError) {
    try connection.run(
      """
      INSERT OR REPLACE INTO finished (event, class, finished_at, seq, place)
      VALUES (?1, ?2, ?3, ?4, ?5)
      """, event, kind.rawValue, time, seq, place)
    let key = Key(event: event, kind: kind)
    guard let turns else { return }
    if let known = turns[key], known.first <= time { return }
    self.turns?[key] = Turn(first: time)
  }

  /// An event's retention may be another now.
  func definitionChanged(_ event: Int64) {
    for kind in [Class.plain, .deadLetter] { turns?[Key(event: event, kind: kind)]?.due = nil }
  }

  /// Must be called when a transaction was rolled back.
  func forget() { turns = nil }

  /// Removes up to `limit` triggers, and looks at no more.
  ///
  /// - Returns: how many, and when there will be more to do.
  func prune(
    at now: Timestamp, limit: Int
  ) throws(SQLiteError) -> (count: Int, next: Timestamp?) {
    try load()
    var batch = Batch(limit: limit)
    let due = (turns ?? [:]).filter { $0.value.due.map { $0 <= now } ?? false }
    for (key, _) in due.sorted(by: { $0.value.first < $1.value.first }) where batch.room > 0 {
      try prune(key, at: now, &batch)
    }
    let blocks = ReceivedBlocks(connection: connection)
    for block in batch.blocks { try blocks.removeIfEmpty(block) }
    try load()
    return (batch.removed, turns?.values.compactMap(\.due).min())
  }

  private struct Batch {
    let limit: Int
    var examined = 0
    var removed = 0
    /// Of the removed triggers.
    var blocks: Set<Int64> = []
    var room: Int { limit - examined }

    init(limit: Int) { self.limit = limit }
  }

  private struct Entry {
    var finishedAt: Timestamp
    var seq: Int64
    var place: Int64
  }

  private func prune(
    _ key: Key, at now: Timestamp, _ batch: inout Batch
  ) throws(SQLiteError) {
    let expiry = now + (.zero - (try time(of: key)))
    let entries = try connection.all(
      """
      SELECT finished_at, seq, place FROM finished
      WHERE event = ?1 AND class = ?2 AND finished_at <= ?3
      ORDER BY finished_at, seq LIMIT ?4
      """, key.event, key.kind.rawValue, expiry, batch.room
    ) { Entry(finishedAt: $0.time(0), seq: $0.integer(1), place: $0.integer(2)) }
    for entry in entries {
      batch.examined += 1
      guard try take(entry, key, at: now) else { continue }
      batch.removed += 1
      batch.blocks.insert(ReceivedBlocks.block(of: entry.seq))
    }
    let first = try connection.first(
      "SELECT finished_at FROM finished WHERE event = ?1 AND class = ?2 ORDER BY finished_at LIMIT 1",
      key.event, key.kind.rawValue
    ) { $0.time(0) }
    turns?[key] = first.map { Turn(first: $0) }
  }

  /// - Returns: whether its trigger was removed.
  private func take(
    _ entry: Entry, _ key: Key, at now: Timestamp
  ) throws(SQLiteError) -> Bool {
    try connection.run(
      "DELETE FROM finished WHERE event = ?1 AND class = ?2 AND finished_at = ?3 AND seq = ?4",
      key.event, key.kind.rawValue, entry.finishedAt, entry.seq)
    let trigger = try connection.first(
      """
      SELECT event, request_id, ifnull(replay_time, received_at) FROM triggers WHERE seq = ?1
      """, entry.seq
    ) { (event: $0.integer(0), hasRequest: !$0.text(1).isEmpty, madeAt: $0.time(2)) }
    let invocations = InvocationTable(connection: connection)
    // A redrive took it up again: another entry counts, or will.
    guard let trigger, trigger.event == key.event, let ending = try invocations.ending(entry.seq),
      ending.place == entry.place
    else { return false }
    let windowEnd = trigger.madeAt + limits.requestIDWindow
    if trigger.hasRequest, windowEnd > now {
      try note(entry.seq, event: key.event, .requested, at: windowEnd, place: entry.place)
      return false
    }
    try invocations.deleteAll(entry.seq)
    try GroupTable(connection: connection).deleteAll(entry.seq)
    try TriggerTable(connection: connection).delete(entry.seq)
    return true
  }

  // MARK: When

  /// Finds out what is not known: of every event after a start, else of those that are new or
  /// changed.
  private func load() throws(SQLiteError) {
    if turns == nil { turns = try firsts() }
    for (key, turn) in turns ?? [:] where turn.due == nil {
      turns?[key]?.due = turn.first + (try time(of: key))
    }
  }

  /// Seeks once per event and class; a GROUP BY would read all of `finished`.
  private func firsts() throws(SQLiteError) -> [Key: Turn] {
    var turns: [Key: Turn] = [:]
    var last: (event: Int64, kind: Int64) = (-1, 0)
    while true {
      let next = try connection.first(
        """
        SELECT event, class, finished_at FROM finished WHERE (event, class) > (?1, ?2)
        ORDER BY event, class, finished_at LIMIT 1
        """, last.event, last.kind
      ) { (event: $0.integer(0), kind: $0.integer(1), first: $0.time(2)) }
      guard let next else { return turns }
      guard let kind = Class(rawValue: next.kind) else {
        throw .damaged("a finished trigger of class \(next.kind)")
      }
      turns[Key(event: next.event, kind: kind)] = Turn(first: next.first)
      last = (next.event, next.kind)
    }
  }

  /// How long triggers of a class are kept; an event that is gone has the default.
  private func time(of key: Key) throws(SQLiteError) -> Duration {
    if key.kind == .requested { return .zero }
    let name = try connection.first(
      "SELECT organization, name FROM names WHERE id = ?1", key.event
    ) { (organization: Organization(unchecked: $0.text(0)), name: $0.text(1)) }
    guard let name else { throw .damaged("the name \(key.event) is gone") }
    var event = Event()
    let table = DefinitionTable(connection: connection)
    if case .event(let found)? = try table.find(
      Definition.Key(.event, name.name), in: name.organization)
    {
      event = found
    }
    return key.kind == .deadLetter ? event.deadLetterRetention : event.retention
  }
}
