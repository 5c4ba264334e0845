import EventCore

/// The triggers. They are found by `seq`, which counts them in the order of their commits.
struct TriggerTable {
  let connection: Connection

  // MARK: Reading

  func seq(_ id: UniqueID, in organization: Organization) throws(SQLiteError) -> Int64? {
    try connection.first(
      """
      SELECT t.seq FROM triggers t JOIN names o ON o.id = t.organization
      WHERE t.trigger_id = ?1 AND o.name = ''  AND o.organization = ?2
      """, id, organization.name
    ) { $0.integer(0) }
  }

  /// - Parameter organization: its number in `names`.
  func seq(ofRequest requestID: String, in organization: Int64) throws(SQLiteError) -> Int64? {
    try connection.first(
      """
      SELECT seq FROM triggers
      WHERE organization = ?1 AND request_id = ?2 AND request_id <> ''
      """, organization, requestID
    ) { $0.integer(0) }
  }

  /// - Precondition: a trigger with this `seq` was found in the same transaction.
  func trigger(_ seq: Int64) throws(SQLiteError) -> Trigger {
    let trigger = try connection.first(
      """
      SELECT t.trigger_id, e.organization, e.name, t.received_at, t.event_revision, t.source,
        t.request_id, t.data_type, t.metadata, t.data, t.defaults
      FROM triggers t JOIN names e ON e.id = t.event
      WHERE t.seq = ?1
      """, seq, as: Trigger.init(row:))
    guard let trigger else { throw .damaged("trigger \(seq) is gone") }
    return trigger
  }

  func stored(_ seq: Int64) throws(SQLiteError) -> StoredTrigger {
    StoredTrigger(try trigger(seq), try tally(seq))
  }

  func page(_ query: TriggerQuery) throws(SQLiteError) -> Page<StoredTrigger> {
    let end = try end(before: query.before)
    let seqs =
      if let event = query.event {
        try seqs(event: event, query, end: end)
      } else {
        try seqs(query, end: end)
      }
    var rest = seqs.makeIterator()
    return try Page(limit: query.limit) { () throws(SQLiteError) in
      guard let seq = rest.next() else { return nil }
      return try stored(seq)
    }
  }

  /// The place of a trigger in the order of commits. If it is gone, that of the newest one that is
  /// older, so that a page goes on although its predecessor's last row was deleted.
  func position(of id: UniqueID) throws(SQLiteError) -> (seq: Int64, isExact: Bool)? {
    try connection.first(
      """
      SELECT seq, trigger_id FROM triggers
      WHERE trigger_id <= ?1 ORDER BY trigger_id DESC LIMIT 1
      """, id
    ) { (row) throws(SQLiteError) in (row.integer(0), try row.uniqueID(1) == id) }
  }

  private func end(before id: UniqueID?) throws(SQLiteError) -> Int64 {
    guard let id else { return .max }
    guard let position = try position(of: id) else { return 0 }
    return position.isExact ? position.seq : position.seq + 1
  }

  private func seqs(_ query: TriggerQuery, end: Int64) throws(SQLiteError) -> [Int64] {
    try connection.all(
      """
      SELECT seq FROM triggers
      WHERE organization = (SELECT id FROM names WHERE kind = 1 AND organization = ?1 AND name = '')
        AND seq < ?2
      ORDER BY seq DESC LIMIT ?3
      """, query.organization.name, end, max(0, query.limit) + 1
    ) { $0.integer(0) }
  }

  private func seqs(
    event: String, _ query: TriggerQuery, end: Int64
  ) throws(SQLiteError) -> [Int64] {
    try connection.all(
      """
      SELECT seq FROM triggers
      WHERE event = (SELECT id FROM names WHERE kind = 2 AND organization = ?1 AND name = ?4)
        AND seq < ?2
      ORDER BY seq DESC LIMIT ?3
      """, query.organization.name, end, max(0, query.limit) + 1, event
    ) { $0.integer(0) }
  }

  private func tally(_ seq: Int64) throws(SQLiteError) -> InvocationTally {
    var tally = InvocationTally()
    let range = InvocationKey.range(ofTrigger: seq)
    try connection.forEach(
      "SELECT state FROM invocations WHERE id BETWEEN ?1 AND ?2", range.first, range.last
    ) { (row) throws(SQLiteError) in tally[try row.state(0)] += 1 }
    return tally
  }

  // MARK: Writing

  /// - Parameters: the numbers of its organization and event in `names`.
  /// - Returns: nil if there is one of the same id already.
  func insert(
    _ trigger: Trigger, organization: Int64, event: Int64
  ) throws(SQLiteError) -> Int64? {
    var metadata = BlobWriter()
    if !trigger.metadata.isEmpty { metadata.pairs(trigger.metadata) }
    try connection.run(
      """
      INSERT INTO triggers (organization, event, trigger_id, received_at, event_revision, source,
        request_id, data_type, defaults, metadata, data)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      ON CONFLICT (trigger_id) DO NOTHING
      """, organization, event, trigger.triggerID, trigger.receivedAt,
      Int64(bitPattern: trigger.eventRevision), trigger.source, trigger.requestID,
      trigger.payload.dataType, Int64(trigger.defaults.rawValue), metadata.bytes,
      trigger.payload.data)
    return connection.changedRows == 1 ? connection.lastInsertedRow : nil
  }
}

extension Trigger {
  fileprivate init(row: Row) throws(SQLiteError) {
    self.init()
    triggerID = try row.uniqueID(0)
    organization = Organization(unchecked: row.text(1))
    event = row.text(2)
    receivedAt = row.time(3)
    eventRevision = UInt64(bitPattern: row.integer(4))
    source = row.text(5)
    requestID = row.text(6)
    payload = Payload(data: row.bytes(9), dataType: row.text(7))
    defaults = Defaults(rawValue: UInt8(truncatingIfNeeded: row.integer(10)))
    metadata = try row.withBytes(8) { (bytes) throws(SQLiteError) in
      var reader = BlobReader(bytes)
      return bytes.isEmpty ? [:] : try reader.pairs()
    }
  }
}

extension Row {
  func state(_ column: Int32) throws(SQLiteError) -> Invocation.State {
    let raw = integer(column)
    guard let state = Invocation.State(rawValue: Int32(truncatingIfNeeded: raw)) else {
      throw .damaged("an invocation in state \(raw)")
    }
    return state
  }
}
