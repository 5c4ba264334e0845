import EventCore

extension TriggerTable {
  func page(_ query: TriggerQuery) throws(SQLiteError) -> Page<StoredTrigger> {
    var rest = try seqs(query).makeIterator()
    return try Page(limit: query.limit) { () throws(SQLiteError) in
      guard let seq = rest.next() else { return nil }
      return try stored(seq)
    }
  }

  /// One more than the page, to know whether there is another.
  private func seqs(_ query: TriggerQuery) throws(SQLiteError) -> [Int64] {
    let names = NameFilter(organization: query.organization, connection: connection)
    guard let organization = try names.organizationNumber else { return [] }
    var event: Int64?
    guard try names.find(.event, query.event, &event) else { return [] }
    let limit = max(0, query.limit) + 1
    var found: [Int64] = []
    for range in try ranges(query) {
      let walk = Walk(range: range, received: query.received, limit: limit - found.count)
      found += try seqs(event, organization, isOldestFirst: query.isOldestFirst, walk)
      if found.count == limit { break }
    }
    return found
  }

  private func seqs(
    _ event: Int64?, _ organization: Int64, isOldestFirst: Bool, _ walk: Walk
  ) throws(SQLiteError) -> [Int64] {
    switch (event, isOldestFirst) {
    case (let event?, false): try newest(ofEvent: event, walk)
    case (let event?, true): try oldest(ofEvent: event, walk)
    case (nil, false): try newest(of: organization, walk)
    case (nil, true): try oldest(of: organization, walk)
    }
  }

  /// The places to look at, in the list's order, after the page before.
  private func ranges(_ query: TriggerQuery) throws(SQLiteError) -> [ClosedRange<Int64>] {
    let blocks = try ReceivedBlocks(connection: connection).ranges(query.received)
    var bounds = Int64.min...Int64.max
    if let after = query.after {
      let position = try position(of: after) ?? (seq: 0, isExact: true)
      bounds =
        query.isOldestFirst
        ? position.seq + 1...Int64.max
        : Int64.min...(position.isExact ? position.seq - 1 : position.seq)
    }
    let ranges = blocks.filter { $0.overlaps(bounds) }.map { $0.clamped(to: bounds) }
    return query.isOldestFirst ? ranges : ranges.reversed()
  }

  private struct Walk {
    var range: ClosedRange<Int64>
    var received: Range<Timestamp>?
    var limit: Int

    var from: Timestamp { received?.lowerBound ?? Timestamp(nanoseconds: .min) }
    var to: Timestamp { received?.upperBound ?? Timestamp(nanoseconds: .max) }
  }

  private func newest(of organization: Int64, _ walk: Walk) throws(SQLiteError) -> [Int64] {
    try connection.all(
      """
      SELECT seq FROM triggers
      WHERE organization = ?1 AND seq BETWEEN ?2 AND ?3 AND received_at >= ?4 AND received_at < ?5
      ORDER BY seq DESC LIMIT ?6
      """, organization, walk.range.lowerBound, walk.range.upperBound, walk.from, walk.to,
      walk.limit
    ) { $0.integer(0) }
  }

  private func oldest(of organization: Int64, _ walk: Walk) throws(SQLiteError) -> [Int64] {
    try connection.all(
      """
      SELECT seq FROM triggers
      WHERE organization = ?1 AND seq BETWEEN ?2 AND ?3 AND received_at >= ?4 AND received_at < ?5
      ORDER BY seq LIMIT ?6
      """, organization, walk.range.lowerBound, walk.range.upperBound, walk.from, walk.to,
      walk.limit
    ) { $0.integer(0) }
  }

  private func newest(ofEvent event: Int64, _ walk: Walk) throws(SQLiteError) -> [Int64] {
    try connection.all(
      """
      SELECT seq FROM triggers
      WHERE event = ?1 AND seq BETWEEN ?2 AND ?3 AND received_at >= ?4 AND received_at < ?5
      ORDER BY seq DESC LIMIT ?6
      """, event, walk.range.lowerBound, walk.range.upperBound, walk.from, walk.to, walk.limit
    ) { $0.integer(0) }
  }

  private func oldest(ofEvent event: Int64, _ walk: Walk) throws(SQLiteError) -> [Int64] {
    try connection.all(
      """
      SELECT seq FROM triggers
      WHERE event = ?1 AND seq BETWEEN ?2 AND ?3 AND received_at >= ?4 AND received_at < ?5
      ORDER BY seq LIMIT ?6
      """, event, walk.range.lowerBound, walk.range.upperBound, walk.from, walk.to, walk.limit
    ) { $0.integer(0) }
  }
}
