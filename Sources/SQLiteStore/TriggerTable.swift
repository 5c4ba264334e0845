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

  func seq(
    ofRequest requestID: String, in organization: Organization
  ) throws(SQLiteError) -> Int64? {
    try connection.first(
      """
      SELECT t.seq FROM triggers t JOIN names o ON o.id = t.organization
      WHERE o.name = '' AND o.organization = ?1 AND t.request_id = ?2 AND t.request_id <> ''
      """, organization.name, requestID
    ) { $0.integer(0) }
  }

  /// - Precondition: a trigger with this `seq` was found in the same transaction.
  func trigger(_ seq: Int64) throws(SQLiteError) -> Trigger {
    let trigger = try connection.first(
      """
      SELECT t.trigger_id, e.organization, e.name, t.received_at, t.event_revision, t.source,
        t.request_id, t.data_type, t.metadata, t.data, t.defaults, t.ordering_key,
        t.deliver_at, t.replay_time, t.hops, t.schema_revision, t.schema_violations,
        t.cloud_event_id, t.cloud_event_time
      FROM triggers t JOIN names e ON e.id = t.event
      WHERE t.seq = ?1
      """, seq, as: Trigger.init(row:))
    guard let trigger else { throw .damaged("trigger \(seq) is gone") }
    return trigger
  }

  func stored(_ seq: Int64) throws(SQLiteError) -> StoredTrigger {
    var stored = StoredTrigger(try trigger(seq), InvocationTally())
    var members: [Int: Invocation.State] = [:]
    let range = InvocationKey.range(ofTrigger: seq)
    try connection.forEach(
      "SELECT id, state, grp IS NOT NULL FROM invocations WHERE id BETWEEN ?1 AND ?2",
      range.first, range.last
    ) { (row) throws(SQLiteError) in
      let state = try row.state(1)
      if row.integer(2) == 0 {
        stored.tally[state] += 1
      } else {
        members[InvocationKey(rowID: row.integer(0)).ordinal] = state
      }
    }
    guard !members.isEmpty else { return stored }
    for plan in try GroupTable(connection: connection).plans(seq) {
      stored.groups.append(GroupReport(plan, states: plan.members.compactMap { members[$0] }))
    }
    return stored
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

  /// Where the writer finds a trigger, and whose it is; nil if there is none.
  func place(_ id: UniqueID) throws(SQLiteError) -> TriggerPlace? {
    try connection.first(
      """
      SELECT t.seq, t.organization, o.organization, t.event, t.received_at
      FROM triggers t JOIN names o ON o.id = t.organization
      WHERE t.trigger_id = ?1
      """, id
    ) { TriggerPlace(id, row: $0) }
  }

  func place(_ seq: Int64) throws(SQLiteError) -> TriggerPlace {
    let place = try connection.first(
      """
      SELECT t.seq, t.organization, o.organization, t.event, t.received_at, t.trigger_id
      FROM triggers t JOIN names o ON o.id = t.organization
      WHERE t.seq = ?1
      """, seq
    ) { (row) throws(SQLiteError) in TriggerPlace(try row.uniqueID(5), row: row) }
    guard let place else { throw .damaged("trigger \(seq) is gone") }
    return place
  }

  // MARK: Writing

  func delete(_ seq: Int64) throws(SQLiteError) {
    try connection.run("DELETE FROM triggers WHERE seq = ?1", seq)
  }

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
        request_id, data_type, defaults, metadata, data, ordering_key, deliver_at, replay_time, hops,
        schema_revision, schema_violations, cloud_event_id, cloud_event_time)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
      ON CONFLICT (trigger_id) DO NOTHING
      """, organization, event, trigger.triggerID, trigger.receivedAt,
      Int64(bitPattern: trigger.eventRevision), trigger.source, trigger.requestID,
      trigger.payload.dataType, Int64(trigger.defaults.rawValue), metadata.bytes,
      trigger.payload.data, trigger.orderingKey.isEmpty ? nil : trigger.orderingKey,
      trigger.deliverAt, trigger.replayTime, Int64(trigger.deadLetterHops),
      Int64(bitPattern: trigger.schemaRevision), Int64(trigger.schemaViolationCount),
      trigger.cloudEventID.isEmpty ? nil : trigger.cloudEventID, trigger.cloudEventTime)
    return connection.changedRows == 1 ? connection.lastInsertedRow : nil
  }
}

/// A trigger as far as the writer needs it to change its invocations.
struct TriggerPlace {
  var id: UniqueID
  var seq: Int64
  /// Its numbers in `names`.
  var organizationNumber: Int64
  var event: Int64
  var organization: Organization
  var receivedAt: Timestamp

  /// Of one that was just inserted.
  init(_ trigger: Trigger, seq: Int64, organization: Int64, event: Int64) {
    id = trigger.triggerID
    self.seq = seq
    organizationNumber = organization
    self.event = event
    self.organization = trigger.organization
    receivedAt = trigger.receivedAt
  }

  fileprivate init(_ id: UniqueID, row: Row) {
    self.id = id
    seq = row.integer(0)
    organizationNumber = row.integer(1)
    organization = Organization(unchecked: row.text(2))
    event = row.integer(3)
    receivedAt = row.time(4)
  }

  func invocationID(_ key: InvocationKey) -> InvocationID {
    InvocationID(triggerID: id, ordinal: key.ordinal)
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
    orderingKey = row.text(11)
    deliverAt = row.timeIfAny(12)
    replayTime = row.timeIfAny(13)
    deadLetterHops = Int32(truncatingIfNeeded: row.integer(14))
    schemaRevision = UInt64(bitPattern: row.integer(15))
    schemaViolationCount = Int32(truncatingIfNeeded: row.integer(16))
    cloudEventID = row.text(17)
    cloudEventTime = row.timeIfAny(18)
    metadata = try row.withBytes(8) { (bytes) throws(SQLiteError) in
      var reader = BlobReader(bytes)
      return bytes.isEmpty ? [:] : try reader.pairs()
    }
  }
}
