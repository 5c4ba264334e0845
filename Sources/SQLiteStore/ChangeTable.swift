import EventCore

/// The log of changes.
struct ChangeTable {
  let connection: Connection

  /// Looks at `examinedMax` changes at most.
  func page(_ query: ChangeQuery, examinedMax: Int) throws(SQLiteError) -> ChangePage {
    let (forgotten, last) = try bounds()
    guard let after = query.after else { return ChangePage(place: last) }
    var page = ChangePage(place: after)
    // A place that was never given is of another database: nobody can go on from there.
    page.isExpired = after < forgotten || after > last
    guard !page.isExpired else { return page }
    page.place = min(last, after + Int64(examinedMax))
    page.hasMore = page.place < last
    try fill(&page, try places(query, through: page.place), limit: query.limit)
    return page
  }

  /// The last places that are no longer kept, and that were given.
  func bounds() throws(SQLiteError) -> (forgotten: Int64, last: Int64) {
    let forgotten = try end("SELECT place FROM forgotten")
    return (forgotten, max(forgotten, try end("SELECT max(place) FROM changes")))
  }

  private struct Place {
    var place: Int64
    var key: InvocationKey
    var event: String
  }

  private func places(
    _ query: ChangeQuery, through last: Int64
  ) throws(SQLiteError) -> [Place] {
    guard let filter = try ChangeFilter(query, on: connection) else { return [] }
    return try connection.all(
      """
      SELECT c.place, i.id, e.name
      FROM changes c
      CROSS JOIN invocations i ON i.id = c.invocation AND i.place = c.place
      CROSS JOIN triggers t ON t.seq = i.id >> 10
      CROSS JOIN names e ON e.id = t.event
      WHERE c.place > ?1 AND c.place <= ?2 AND c.organization = ?3
        AND ifnull(i.function = ?4, TRUE) AND ifnull(i.subscription = ?5, TRUE)
        AND ifnull(t.event = ?6, TRUE) AND (1 << i.state) & ?7
      ORDER BY c.place LIMIT ?8
      """, query.after, last, filter.organization, filter.function, filter.subscription,
      filter.event, filter.states, max(0, query.limit) + 1
    ) { Place(place: $0.integer(0), key: InvocationKey(rowID: $0.integer(1)), event: $0.text(2)) }
  }

  /// What doesn't fit on the page is left to the next one.
  private func fill(
    _ page: inout ChangePage, _ places: [Place], limit: Int
  ) throws(SQLiteError) {
    let table = InvocationTable(connection: connection)
    var rest = places.makeIterator()
    let fitting = try Page<Invocation>(limit: max(1, limit)) { () throws(SQLiteError) in
      guard let place = rest.next(), var invocation = try table.invocation(place.key) else {
        return nil
      }
      (invocation.output, invocation.logs) = (nil, [])
      return invocation
    }
    for (place, invocation) in zip(places, fitting.items) {
      page.changes.append(Change(place: place.place, invocation, of: place.event))
    }
    guard fitting.hasMore else { return }
    page.place = places[fitting.items.count].place - 1
    page.hasMore = true
  }

  private func end(_ sql: StaticString) throws(SQLiteError) -> Int64 {
    try connection.first(sql) { $0.integer(0) } ?? 0
  }
}

/// A query in the database's numbers.
private struct ChangeFilter {
  var organization: Int64
  var function: Int64?
  var subscription: Int64?
  var event: Int64?
  /// Bit n for state n.
  var states: Int64

  /// Nil if something the query names has never been seen, so nothing can match.
  init?(_ query: ChangeQuery, on connection: Connection) throws(SQLiteError) {
    let names = NameFilter(organization: query.organization, connection: connection)
    guard let organization = try names.organizationNumber else { return nil }
    self.organization = organization
    guard try names.find(.function, query.functionID, &function),
      try names.find(.subscription, query.subscriptionID, &subscription),
      try names.find(.event, query.event, &event)
    else { return nil }
    states = query.states.bits
  }
}
