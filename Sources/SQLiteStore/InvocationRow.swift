import EventCore

/// An invocation as far as the writer decides by it, in the database's numbers.
struct InvocationRow {
  var key: InvocationKey
  var function: Int64
  var subscription: Int64
  var state: Invocation.State
  var holds: Invocation.Holds
  /// Nil if it has none, or is finished.
  var orderingKey: String?
  var group: Int64?
  var revision: Int32

  /// A new one.
  init(
    _ invocation: Invocation, _ holds: Invocation.Holds, _ key: InvocationKey, function: Int64,
    subscription: Int64
  ) {
    self.key = key
    self.function = function
    self.subscription = subscription
    self.holds = holds
    state = invocation.state
    revision = invocation.revision
  }

  /// - Parameter row: id, function, subscription, state, hold, ordering_key, grp, revision.
  init(row: Row) throws(SQLiteError) {
    key = InvocationKey(rowID: row.integer(0))
    function = row.integer(1)
    subscription = row.integer(2)
    state = try row.state(3)
    holds = row.holds(4)
    orderingKey = row.isNull(5) ? nil : row.text(5)
    group = row.isNull(6) ? nil : row.integer(6)
    revision = Int32(truncatingIfNeeded: row.integer(7))
  }
}

extension Row {
  func holds(_ column: Int32) -> Invocation.Holds {
    Invocation.Holds(rawValue: UInt8(truncatingIfNeeded: integer(column)))
  }

  func state(_ column: Int32) throws(SQLiteError) -> Invocation.State {
    let raw = integer(column)
    guard let state = Invocation.State(rawValue: Int32(truncatingIfNeeded: raw)) else {
      throw .damaged("an invocation in state \(raw)")
    }
    return state
  }
}
