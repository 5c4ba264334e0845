import EventCore

/// Invocations that are held because as many of their concurrency key run as may.
struct KeyTable {
  let connection: Connection

  /// Looks once into the index for each function name there ever was.
  func lanes() throws(SQLiteError) -> [Lane] {
    try connection.all(
      """
      SELECT organization, name FROM names
      WHERE kind = 3 AND EXISTS (
        SELECT 1 FROM invocations WHERE function = names.id AND hold & 8 <> 0)
      ORDER BY organization, name
      """
    ) { Lane(Organization(unchecked: $0.text(0)), $0.text(1)) }
  }

  func hold(_ keys: [InvocationID: ConcurrencyKey], in lane: Lane) throws(SQLiteError) {
    let triggers = TriggerTable(connection: connection)
    for (id, key) in keys {
      guard let seq = try triggers.seq(id.triggerID, in: lane.organization) else { continue }
      try connection.run(
        """
        UPDATE invocations SET hold = hold | 8, concurrency_key = ?2
        WHERE id = ?1 AND due_at IS NOT NULL
        """, InvocationKey(seq: seq, ordinal: id.ordinal), key.number)
    }
  }

  func release(_ release: KeyRelease, in lane: Lane) throws(SQLiteError) -> KeyReleased {
    var released = KeyReleased()
    guard
      let function = try Names.find(.function, lane.organization, lane.functionID, on: connection)
    else {
      released.isComplete = true
      return released
    }
    switch release {
    case .of(let keys):
      for (key, count) in keys { try self.release(count, of: key, function, &released) }
    case .any(let limit, let each, let after, let except):
      try releaseAny(limit, each, after, except, function, &released)
    }
    return released
  }

  private func releaseAny(
    _ limit: Int, _ each: Int, _ after: ConcurrencyKey?, _ except: Set<ConcurrencyKey>,
    _ function: Int64, _ released: inout KeyReleased
  ) throws(SQLiteError) {
    released.last = after
    // To the end, and then from the start to where it began.
    for end in after.map({ [nil, $0] }) ?? [nil] {
      var place = end == nil ? after : nil
      while let key = try next(after: place, function), end.map({ key <= $0 }) ?? true {
        guard released.count < limit else { return }
        let count = except.contains(key) ? 0 : min(each, limit - released.count)
        try release(count, of: key, function, &released)
        place = key
        released.last = key
      }
    }
    released.isComplete = true
  }

  /// - Parameter count: of those that nothing else holds.
  private func release(
    _ count: Int, of key: ConcurrencyKey, _ function: Int64, _ released: inout KeyReleased
  ) throws(SQLiteError) {
    var left = count
    while true {
      let rows = try held(key, function, limit: max(1, left))
      guard !rows.isEmpty else { return }
      guard left > 0 else { break }
      for (id, isOnlyHold) in rows {
        try connection.run("UPDATE invocations SET hold = hold & ~8 WHERE id = ?1", id)
        if isOnlyHold { left -= 1 }
      }
      released.count += rows.count { $0.isOnlyHold }
    }
    released.stillHeld.insert(key)
  }

  private func held(
    _ key: ConcurrencyKey, _ function: Int64, limit: Int
  ) throws(SQLiteError) -> [(id: Int64, isOnlyHold: Bool)] {
    try connection.all(
      """
      SELECT id, hold = 8 FROM invocations
      WHERE function = ?1 AND concurrency_key = ?2 AND hold & 8 <> 0
      ORDER BY due_at, id LIMIT ?3
      """, function, key.number, limit
    ) { (id: $0.integer(0), isOnlyHold: $0.integer(1) != 0) }
  }

  private func next(
    after key: ConcurrencyKey?, _ function: Int64
  ) throws(SQLiteError) -> ConcurrencyKey? {
    guard let key else {
      return try connection.first(
        """
        SELECT concurrency_key FROM invocations
        WHERE function = ?1 AND hold & 8 <> 0 ORDER BY concurrency_key LIMIT 1
        """, function
      ) { ConcurrencyKey(number: $0.integer(0)) }
    }
    return try connection.first(
      """
      SELECT concurrency_key FROM invocations
      WHERE function = ?1 AND concurrency_key > ?2 AND hold & 8 <> 0
      ORDER BY concurrency_key LIMIT 1
      """, function, key.number
    ) { ConcurrencyKey(number: $0.integer(0)) }
  }
}
