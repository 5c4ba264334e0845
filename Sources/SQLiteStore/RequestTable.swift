import EventCore

/// What transactions with a request id were answered, for as long as they may be repeated.
struct RequestTable {
  enum Answer {
    /// The request id is new, or its window has passed.
    case none
    case same([Definition])
    /// It came with other changes.
    case conflict
  }

  let connection: Connection
  let limits: StoreLimits

  func answer(to transaction: DefinitionTransaction) throws(SQLiteError) -> Answer {
    let known = try connection.first(
      """
      SELECT changes, answer FROM requests
      WHERE organization = ?1 AND request_id = ?2 AND created_at > ?3
      """, transaction.organization.name, transaction.requestID, expiry(at: transaction.now)
    ) { (changes: $0.text(0), answer: $0.text(1)) }
    guard let known else { return .none }
    guard known.changes == (try Self.changes(transaction)) else { return .conflict }
    let records = try DefinitionRecord.value([DefinitionRecord].self, known.answer)
    var definitions: [Definition] = []
    for record in records { definitions.append(try record.definition()) }
    return .same(definitions)
  }

  func remember(
    _ answer: [Definition], to transaction: DefinitionTransaction
  ) throws(SQLiteError) {
    try prune(at: transaction.now)
    var records: [DefinitionRecord] = []
    for definition in answer { records.append(try DefinitionRecord(definition)) }
    try connection.run(
      "INSERT OR REPLACE INTO requests VALUES (?1, ?2, ?3, ?4, ?5)",
      transaction.organization.name, transaction.requestID, try Self.changes(transaction),
      try DefinitionRecord.json(records), transaction.now)
  }

  private func prune(at now: Timestamp) throws(SQLiteError) {
    try connection.run(
      """
      DELETE FROM requests WHERE rowid IN (
        SELECT rowid FROM requests WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)
      """, expiry(at: now), limits.prunedRequestsMax)
  }

  private func expiry(at now: Timestamp) -> Timestamp {
    now + (.zero - limits.requestIDWindow)
  }

  /// The changes in full, not a digest of them: there are few, and they compare without collisions.
  private static func changes(_ transaction: DefinitionTransaction) throws(SQLiteError) -> String {
    var records: [ChangeRecord] = []
    for change in transaction.changes { records.append(try ChangeRecord(change)) }
    return try DefinitionRecord.json(records)
  }
}

/// What the client sent, without what the gateway adds to it.
private struct ChangeRecord: Encodable {
  var written: DefinitionRecord?
  var deleted: Definition.Key?
  var revision: UInt64?

  init(_ change: DefinitionChange) throws(SQLiteError) {
    switch change {
    case .create(let definition): written = try Self.unstamped(definition)
    case .update(let definition, let revision):
      written = try Self.unstamped(definition)
      self.revision = revision
    case .delete(let key, let revision):
      deleted = key
      self.revision = revision
    }
  }

  private static func unstamped(_ definition: Definition) throws(SQLiteError) -> DefinitionRecord {
    var definition = definition
    definition.stamp = ResourceStamp()
    return try DefinitionRecord(definition)
  }
}
