import EventCore

extension DefinitionModel {
  /// - Returns: what observers are to be told with it; nothing unless it was committed.
  mutating func commit(
    _ transaction: DefinitionTransaction
  ) -> (outcome: DefinitionOutcome, updates: [DefinitionUpdate]) {
    let organization = transaction.organization
    var commit = DefinitionCommit(tenants[organization] ?? Tenant(), limits, transaction.now)
    if let outcome = commit.answered(transaction) { return (outcome, []) }
    if let refusal = commit.apply(transaction.changes) { return (.refused(refusal), []) }
    let written = commit.written.map { commit.tenant.definition($0.key)! }
    guard !transaction.validateOnly else { return (.committed(written), []) }
    if !transaction.requestID.isEmpty {
      commit.tenant.answers[transaction.requestID] = Answer(
        changes: transaction.changes.map(\.unstamped), written: written, time: transaction.now)
    }
    tenants[organization] = commit.tenant
    return (.committed(written), commit.updates.map { $0.update(in: organization) })
  }
}

/// A transaction on a copy of the definitions, which takes their place if nothing is refused.
private struct DefinitionCommit {
  enum Step {
    case put(Definition)
    case deleted(Definition.Key)

    func update(in organization: Organization) -> DefinitionUpdate {
      switch self {
      case .put(let definition): .put(definition, organization)
      case .deleted(let key): .deleted(key, organization)
      }
    }
  }

  var tenant: DefinitionModel.Tenant
  let limits: ModelLimits
  let now: Timestamp
  var written: [Definition] = []
  var deleted: [Definition.Key] = []
  var updates: [Step] = []

  init(_ tenant: DefinitionModel.Tenant, _ limits: ModelLimits, _ now: Timestamp) {
    self.tenant = tenant
    self.limits = limits
    self.now = now
  }

  func answered(_ transaction: DefinitionTransaction) -> DefinitionOutcome? {
    guard !transaction.requestID.isEmpty, let answer = tenant.answers[transaction.requestID],
      now < answer.time + limits.requestIDWindow
    else { return nil }
    guard answer.changes == transaction.changes.map(\.unstamped) else {
      return .refused(.requestIDConflict)
    }
    return .committed(answer.written)
  }

  mutating func apply(_ changes: [DefinitionChange]) -> DefinitionOutcome.Refusal? {
    for change in changes {
      let refusal =
        switch change {
        case .create(let definition): create(definition)
        case .update(let definition, let revision): update(definition, revision)
        case .delete(let key, let revision): delete(key, revision)
        }
      if let refusal { return refusal }
    }
    return brokenReference() ?? brokenGroup() ?? usedStill()
  }

  private mutating func create(_ definition: Definition) -> DefinitionOutcome.Refusal? {
    let key = definition.key
    if tenant.definitions[key] != nil { return .exists(key) }
    guard tenant.count(key.kind) < limits.definitionsPerKindMax else {
      return .quota(key.kind, limit: limits.definitionsPerKindMax)
    }
    put(definition, ResourceStamp(createdAt: now))
    return nil
  }

  private mutating func update(
    _ definition: Definition, _ revision: UInt64
  ) -> DefinitionOutcome.Refusal? {
    let key = definition.key
    guard let old = tenant.definitions[key] else { return .missing(key) }
    guard old.stamp.revision == revision else { return .revisionMismatch(key) }
    tenant.remove(old)
    put(definition, old.stamp.updated(at: now))
    return nil
  }

  private mutating func delete(
    _ key: Definition.Key, _ revision: UInt64?
  ) -> DefinitionOutcome.Refusal? {
    guard let old = tenant.definitions[key] else { return .missing(key) }
    guard revision == nil || old.stamp.revision == revision else { return .revisionMismatch(key) }
    tenant.remove(old)
    written.removeAll { $0.key == key }
    deleted.append(key)
    updates.append(.deleted(key))
    return nil
  }

  private mutating func put(_ definition: Definition, _ stamp: ResourceStamp) {
    var definition = definition.unstamped
    definition.stamp = stamp
    tenant.insert(definition)
    written.append(definition)
    deleted.removeAll { $0 == definition.key }
    updates.append(.put(definition))
  }

  // MARK: After all changes, so that their order does not matter

  private func brokenReference() -> DefinitionOutcome.Refusal? {
    let missing = written.flatMap(\.references).first {
      !$0.isPattern && tenant.definitions[$0] == nil
    }
    return missing.map { .missing($0) }
  }

  private func brokenGroup() -> DefinitionOutcome.Refusal? {
    for key in written.compactMap(\.groupKey) {
      guard case .group(let group)? = tenant.definitions[key] else { continue }
      let members = (tenant.referrers[key] ?? SortedSet()).ascending()
        .compactMap { tenant.definitions[$0]?.subscription }
      if members.contains(where: { $0.event != group.event }) {
        return .groupMismatch(key, event: group.event)
      }
      if members.count > limits.groupMembersMax {
        return .groupFull(key, limit: limits.groupMembersMax)
      }
    }
    return nil
  }

  private func usedStill() -> DefinitionOutcome.Refusal? {
    for key in deleted {
      let referrers = Array(
        (tenant.referrers[key] ?? SortedSet()).ascending().prefix(limits.namedReferrersMax))
      if !referrers.isEmpty { return .inUse(key, by: referrers) }
    }
    return nil
  }
}

extension Definition {
  /// As a client writes it: without the store's own fields and what is derived.
  fileprivate var unstamped: Definition {
    var definition = withoutDerived
    definition.stamp = ResourceStamp()
    return definition
  }

  /// The group that it is, or is a member of.
  fileprivate var groupKey: Key? {
    switch self {
    case .group: key
    case .subscription(let subscription):
      subscription.groupID.isEmpty ? nil : Key(.group, subscription.groupID)
    case .event, .function, .schema: nil
    }
  }

  fileprivate var subscription: Subscription? {
    if case .subscription(let subscription) = self { subscription } else { nil }
  }
}

extension DefinitionChange {
  fileprivate var unstamped: DefinitionChange {
    switch self {
    case .create(let definition): .create(definition.unstamped)
    case .update(let definition, let revision): .update(definition.unstamped, revision: revision)
    case .delete: self
    }
  }
}
