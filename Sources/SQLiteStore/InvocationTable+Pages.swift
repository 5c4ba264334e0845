import EventCore

extension InvocationTable {
  /// A page comes from the narrowest thing the query names: a trigger, the failed ones, or the
  /// organization's triggers from the newest on.
  func page(_ query: InvocationQuery) throws(SQLiteError) -> Page<Invocation> {
    guard let filter = try Filter(query, on: connection) else { return Page() }
    let keys =
      if let triggerID = query.triggerID {
        try keys(ofTrigger: triggerID, in: query.organization, filter)
      } else if query.states == [.failed] {
        try failedKeys(filter)
      } else {
        try newestKeys(filter)
      }
    var rest = keys.makeIterator()
    return try Page(limit: query.limit) { () throws(SQLiteError) in
      guard let key = rest.next(), var invocation = try invocation(key) else { return nil }
      if !query.withResults { (invocation.output, invocation.logs) = (nil, []) }
      return invocation
    }
  }

  /// A query in the database's numbers.
  private struct Filter {
    var organization: Int64
    var function: Int64?
    var subscription: Int64?
    /// Bit n for state n.
    var states: Int64
    /// Only rows before this one, walking backwards.
    var end: InvocationKey
    /// One more than the page, to know whether there is another.
    var limit: Int

    /// Nil if something the query names has never been seen, so nothing can match.
    init?(_ query: InvocationQuery, on connection: Connection) throws(SQLiteError) {
      let find = { (kind: Names.Kind, name: String) throws(SQLiteError) in
        try Names.find(kind, query.organization, name, on: connection)
      }
      guard let organization = try find(.organization, "") else { return nil }
      self.organization = organization
      if let id = query.functionID {
        guard let number = try find(.function, id) else { return nil }
        function = number
      }
      if let id = query.subscriptionID {
        guard let number = try find(.subscription, id) else { return nil }
        subscription = number
      }
      let wanted = query.states.isEmpty ? Set(Invocation.State.allCases) : query.states
      states = wanted.reduce(0) { $0 | 1 << Int64($1.rawValue) }
      end = try Self.end(after: query.after, on: connection)
      limit = max(0, query.limit) + 1
    }

    private static func end(
      after last: InvocationID?, on connection: Connection
    ) throws(SQLiteError) -> InvocationKey {
      guard let last else { return InvocationKey(rowID: .max) }
      let triggers = TriggerTable(connection: connection)
      guard let position = try triggers.position(of: last.triggerID) else {
        return InvocationKey(rowID: 0)
      }
      return position.isExact
        ? InvocationKey(seq: position.seq, ordinal: last.ordinal)
        : InvocationKey.range(ofTrigger: position.seq + 1).first
    }
  }

  private func keys(
    ofTrigger id: UniqueID, in organization: Organization, _ filter: Filter
  ) throws(SQLiteError) -> [InvocationKey] {
    let triggers = TriggerTable(connection: connection)
    guard let seq = try triggers.seq(id, in: organization) else { return [] }
    let range = InvocationKey.range(ofTrigger: seq)
    return try connection.all(
      """
      SELECT id FROM invocations
      WHERE id BETWEEN ?1 AND ?2 AND id < ?3
        AND ifnull(function = ?4, TRUE) AND ifnull(subscription = ?5, TRUE)
        AND (1 << state) & ?6
      ORDER BY id DESC LIMIT ?7
      """, range.first, range.last, filter.end, filter.function, filter.subscription,
      filter.states, filter.limit
    ) { InvocationKey(rowID: $0.integer(0)) }
  }

  private func failedKeys(_ filter: Filter) throws(SQLiteError) -> [InvocationKey] {
    try connection.all(
      """
      SELECT i.id FROM invocations i
      WHERE i.state = 5 AND i.id < ?1
        AND (SELECT t.organization FROM triggers t WHERE t.seq = i.id >> 10) = ?2
        AND ifnull(i.function = ?3, TRUE) AND ifnull(i.subscription = ?4, TRUE)
      ORDER BY i.id DESC LIMIT ?5
      """, filter.end, filter.organization, filter.function, filter.subscription, filter.limit
    ) { InvocationKey(rowID: $0.integer(0)) }
  }

  private func newestKeys(_ filter: Filter) throws(SQLiteError) -> [InvocationKey] {
    try connection.all(
      """
      SELECT i.id
      FROM triggers t CROSS JOIN invocations i ON i.id BETWEEN t.seq << 10 AND t.seq << 10 | 1023
      WHERE t.organization = ?1 AND t.seq <= ?2 AND i.id < ?3
        AND ifnull(i.function = ?4, TRUE) AND ifnull(i.subscription = ?5, TRUE)
        AND (1 << i.state) & ?6
      ORDER BY t.seq DESC, i.id DESC LIMIT ?7
      """, filter.organization, filter.end.seq, filter.end, filter.function, filter.subscription,
      filter.states, filter.limit
    ) { InvocationKey(rowID: $0.integer(0)) }
  }
}
