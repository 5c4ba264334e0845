import EventCore

/// Applies one definition transaction inside the writer's own: everything it asks for, or nothing.
struct DefinitionCommit {
  private let transaction: DefinitionTransaction
  private let connection: Connection
  private let table: DefinitionTable
  private let requests: RequestTable
  private let limits: StoreLimits

  private var written: [Definition] = []
  private var deleted: [Definition.Key] = []

  private(set) var updates: [DefinitionUpdate] = []

  init(_ transaction: DefinitionTransaction, on connection: Connection, limits: StoreLimits) {
    self.transaction = transaction
    self.connection = connection
    self.limits = limits
    table = DefinitionTable(connection: connection)
    requests = RequestTable(connection: connection, limits: limits)
  }

  /// `updates` then holds what observers are to be told once it is committed.
  mutating func run() throws(SQLiteError) -> DefinitionOutcome {
    if !transaction.requestID.isEmpty {
      switch try requests.answer(to: transaction) {
      case .same(let definitions): return .committed(try withReceivedAt(definitions))
      case .conflict: return .refused(.requestIDConflict)
      case .none: break
      }
    }
    return try apply()
  }

  private mutating func apply() throws(SQLiteError) -> DefinitionOutcome {
    try connection.run("SAVEPOINT definitions")
    if let refusal = try refusal() {
      try undo()
      return .refused(refusal)
    }
    if transaction.validateOnly {
      try undo()
    } else {
      if !transaction.requestID.isEmpty { try requests.remember(written, to: transaction) }
      try connection.run("RELEASE definitions")
    }
    return .committed(try withReceivedAt(written))
  }

  private mutating func undo() throws(SQLiteError) {
    try connection.run("ROLLBACK TO definitions")
    try connection.run("RELEASE definitions")
    updates = []
  }

  /// Makes the changes; says why they may not stay.
  private mutating func refusal() throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    for change in transaction.changes {
      let refusal =
        switch change {
        case .create(let definition): try create(definition)
        case .update(let definition, let revision): try update(definition, revision)
        case .delete(let key, let revision): try delete(key, revision)
        }
      if let refusal { return refusal }
    }
    if let refusal = try missingReference() { return refusal }
    if let refusal = try brokenGroup() { return refusal }
    return try stillInUse()
  }

  private mutating func create(
    _ definition: Definition
  ) throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    let key = definition.key
    if try table.exists(key, in: transaction.organization) { return .exists(key) }
    let count = try table.count(key.kind, in: transaction.organization)
    guard count < limits.definitionsPerKindMax else {
      return .quota(key.kind, limit: limits.definitionsPerKindMax)
    }
    let stamped = definition.stamped(ResourceStamp(createdAt: transaction.now))
    try table.insert(stamped, in: transaction.organization)
    put(stamped)
    return nil
  }

  private mutating func update(
    _ definition: Definition, _ revision: UInt64
  ) throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    let key = definition.key
    guard let old = try table.find(key, in: transaction.organization) else { return .missing(key) }
    guard old.stamp.revision == revision else { return .revisionMismatch(key) }
    let stamped = definition.stamped(old.stamp.updated(at: transaction.now))
    try table.replace(old, by: stamped, in: transaction.organization)
    put(stamped)
    return nil
  }

  private mutating func delete(
    _ key: Definition.Key, _ revision: UInt64?
  ) throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    guard let old = try table.find(key, in: transaction.organization) else { return .missing(key) }
    guard revision == nil || old.stamp.revision == revision else { return .revisionMismatch(key) }
    try table.delete(old, in: transaction.organization)
    written.removeAll { $0.key == key }
    deleted.append(key)
    updates.append(.deleted(key, transaction.organization))
    return nil
  }

  private mutating func put(_ definition: Definition) {
    written.append(definition)
    deleted.removeAll { $0 == definition.key }
    updates.append(.put(definition, transaction.organization))
  }

  // MARK: Checked after all changes, so that their order within the transaction doesn't matter

  private func missingReference() throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    for target in written.flatMap(\.references) where !target.isPattern {
      guard try table.exists(target, in: transaction.organization) else { return .missing(target) }
    }
    return nil
  }

  private func brokenGroup() throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    for key in Set(written.compactMap(\.groupKey)) {
      guard case .group(let group)? = try table.find(key, in: transaction.organization) else {
        continue
      }
      let members = try table.referrers(
        to: key, in: transaction.organization, limit: limits.groupMembersMax + 1)
      for member in members {
        guard
          case .subscription(let subscription)? = try table.find(
            member, in: transaction.organization)
        else { continue }
        if subscription.event != group.event { return .groupMismatch(key, event: group.event) }
      }
      if members.count > limits.groupMembersMax {
        return .groupFull(key, limit: limits.groupMembersMax)
      }
    }
    return nil
  }

  private func stillInUse() throws(SQLiteError) -> DefinitionOutcome.Refusal? {
    for key in deleted {
      let referrers = try table.referrers(
        to: key, in: transaction.organization, limit: limits.namedReferrersMax)
      if !referrers.isEmpty { return .inUse(key, by: referrers) }
    }
    return nil
  }

  private func withReceivedAt(_ definitions: [Definition]) throws(SQLiteError) -> [Definition] {
    var result: [Definition] = []
    for definition in definitions {
      result.append(
        try ReceivedTimes(connection: connection).fill(definition, in: transaction.organization))
    }
    return result
  }
}

extension Definition {
  /// The group that it is, or is a member of.
  fileprivate var groupKey: Key? {
    switch self {
    case .group: key
    case .subscription(let subscription):
      subscription.groupID.isEmpty ? nil : Key(.group, subscription.groupID)
    case .event, .function, .schema: nil
    }
  }

  /// With the store's own fields set, and without what is derived.
  fileprivate func stamped(_ stamp: ResourceStamp) -> Definition {
    var definition = withoutDerived
    definition.stamp = stamp
    return definition
  }
}
