import EventCore

extension InvocationTable {
  /// A page comes from the narrowest thing the query names: a trigger, the failed ones, or the
  /// organization's triggers from the newest on.
  func page(_ query: InvocationQuery) throws(SQLiteError) -> Page<Invocation> {
    guard let filter = try Filter(query, on: connection) else { return Page() }
    let keys =
      if let triggerID = query.triggerID {
        try keys(ofTrigger: triggerID, in: query.organization, filter)
      } else {
        try keys(inRangesOf: query, filter)
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
    var event: Int64?
    var from: Timestamp
    var to: Timestamp
    /// Of the triggers to look at.
    var seqs = Int64.min...Int64.max
    /// Bit n for state n.
    var states: Int64
    /// Only rows before this one, walking backwards.
    var end: InvocationKey
    /// One more than the page, to know whether there is another.
    var limit: Int

    /// Nil if something the query names has never been seen, so nothing can match.
    init?(_ query: InvocationQuery, on connection: Connection) throws(SQLiteError) {
      let names = NameFilter(organization: query.organization, connection: connection)
      guard let organization = try names.organizationNumber else { return nil }
      self.organization = organization
      guard try names.find(.function, query.functionID, &function),
        try names.find(.subscription, query.subscriptionID, &subscription),
        try names.find(.event, query.event, &event)
      else { return nil }
      states = query.states.bits
      from = query.received?.lowerBound ?? Timestamp(nanoseconds: .min)
      to = query.received?.upperBound ?? Timestamp(nanoseconds: .max)
      end = try Self.end(after: query.after, on: connection)
      limit = max(0, query.limit) + 1
    }

    /// Goes on below what has been looked at.
    func narrowed(to seqs: ClosedRange<Int64>, limit: Int) -> Filter {
      var filter = self
      filter.seqs = seqs
      filter.limit = limit
      return filter
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
    return try newestKeys(filter.narrowed(to: seq...seq, limit: filter.limit))
  }

  private func keys(
    inRangesOf query: InvocationQuery, _ filter: Filter
  ) throws(SQLiteError) -> [InvocationKey] {
    var keys: [InvocationKey] = []
    for range in try ReceivedBlocks(connection: connection).ranges(query.received).reversed() {
      guard range.lowerBound <= filter.end.seq else { continue }
      let part = filter.narrowed(to: range, limit: filter.limit - keys.count)
      if query.states == [.failed] {
        keys += try failedKeys(part)
      } else if filter.event != nil {
        keys += try newestKeysOfEvent(part)
      } else {
        keys += try newestKeys(part)
      }
      if keys.count == filter.limit { break }
    }
    return keys
  }

  private func failedKeys(_ filter: Filter) throws(SQLiteError) -> [InvocationKey] {
    try connection.all(
      """
      SELECT i.id FROM invocations i CROSS JOIN triggers t ON t.seq = i.id >> 10
      WHERE i.state = 5 AND i.id < ?1 AND i.id >= ?2 AND i.id <= ?3
        AND t.organization = ?4 AND ifnull(t.event = ?5, TRUE)
        AND t.received_at >= ?6 AND t.received_at < ?7
        AND ifnull(i.function = ?8, TRUE) AND ifnull(i.subscription = ?9, TRUE)
      ORDER BY i.id DESC LIMIT ?10
      """, filter.end, InvocationKey.first(from: filter.seqs.lowerBound),
      InvocationKey.last(through: filter.seqs.upperBound), filter.organization, filter.event,
      filter.from, filter.to, filter.function, filter.subscription, filter.limit
    ) { InvocationKey(rowID: $0.integer(0)) }
  }

  private func newestKeys(_ filter: Filter) throws(SQLiteError) -> [InvocationKey] {
    try connection.all(
      """
      SELECT i.id
      FROM triggers t CROSS JOIN invocations i ON i.id BETWEEN t.seq << 10 AND t.seq << 10 | 1023
      WHERE t.organization = ?1 AND t.seq >= ?2 AND t.seq <= min(?3, ?4) AND i.id < ?5
        AND ifnull(t.event = ?6, TRUE) AND t.received_at >= ?7 AND t.received_at < ?8
        AND ifnull(i.function = ?9, TRUE) AND ifnull(i.subscription = ?10, TRUE)
        AND (1 << i.state) & ?11
      ORDER BY t.seq DESC, i.id DESC LIMIT ?12
      """, filter.organization, filter.seqs.lowerBound, filter.seqs.upperBound, filter.end.seq,
      filter.end, filter.event, filter.from, filter.to, filter.function, filter.subscription,
      filter.states, filter.limit
    ) { InvocationKey(rowID: $0.integer(0)) }
  }

  private func newestKeysOfEvent(_ filter: Filter) throws(SQLiteError) -> [InvocationKey] {
    try connection.all(
      """
      SELECT i.id
      FROM triggers t CROSS JOIN invocations i ON i.id BETWEEN t.seq << 10 AND t.seq << 10 | 1023
      WHERE t.event = ?1 AND t.seq >= ?2 AND t.seq <= min(?3, ?4) AND i.id < ?5
        AND t.received_at >= ?6 AND t.received_at < ?7
        AND ifnull(i.function = ?8, TRUE) AND ifnull(i.subscription = ?9, TRUE)
        AND (1 << i.state) & ?10
      ORDER BY t.seq DESC, i.id DESC LIMIT ?11
      """, filter.event, filter.seqs.lowerBound, filter.seqs.upperBound, filter.end.seq,
      filter.end, filter.from, filter.to, filter.function, filter.subscription, filter.states,
      filter.limit
    ) { InvocationKey(rowID: $0.integer(0)) }
  }
}
