package import EventCore

/// The definitions of a `StoreModel`.
package struct DefinitionModel: Sendable {
  struct Tenant: Sendable {
    var definitions: [Definition.Key: Definition] = [:]
    var ids: [Definition.Kind: SortedSet<String>] = [:]
    /// Who refers to it.
    var referrers: [Definition.Key: SortedSet<Definition.Key>] = [:]
    /// When triggers of the event of this name were last accepted.
    var receivedTimes: [String: Timestamp] = [:]
    var answers: [String: Answer] = [:]
  }

  /// What a transaction with a request id was answered.
  struct Answer: Sendable {
    var changes: [DefinitionChange]
    var written: [Definition]
    var time: Timestamp
  }

  let limits: ModelLimits
  var tenants: [Organization: Tenant] = [:]

  init(limits: ModelLimits) {
    self.limits = limits
  }

  package func definition(
    _ key: Definition.Key, in organization: Organization
  ) -> Definition? {
    tenants[organization]?.definition(key)
  }

  package func definitions(_ query: DefinitionQuery) -> Page<Definition> {
    let tenant = tenants[query.organization] ?? Tenant()
    var ids = (tenant.ids[query.kind] ?? SortedSet()).ascending(after: query.after)
    return Page(limit: query.limit) {
      while let id = ids.next() {
        let key = Definition.Key(query.kind, id)
        let definition = tenant.definition(key)!
        if let target = query.references, !definition.references.contains(target) { continue }
        return definition
      }
      return nil
    }
  }

  /// All of them, as a new observer is told.
  var updates: [DefinitionUpdate] {
    tenants.flatMap { organization, tenant in
      tenant.definitions.keys.map { .put(tenant.definition($0)!, organization) }
    }
  }

  mutating func noteTrigger(of event: String, in organization: Organization, at time: Timestamp) {
    let last = tenants[organization]?.receivedTimes[event] ?? time
    tenants[organization, default: Tenant()].receivedTimes[event] = max(last, time)
  }
}

extension DefinitionModel.Tenant {
  /// With what is derived.
  func definition(_ key: Definition.Key) -> Definition? {
    guard case .event(var event)? = definitions[key] else { return definitions[key] }
    // Not a predecessor's of the same name.
    event.receivedAt = receivedTimes[event.event].flatMap {
      $0 >= event.stamp.createTime ? $0 : nil
    }
    return .event(event)
  }

  func count(_ kind: Definition.Kind) -> Int { ids[kind]?.count ?? 0 }

  mutating func insert(_ definition: Definition) {
    let key = definition.key
    definitions[key] = definition
    ids[key.kind, default: SortedSet()].insert(key.id)
    for target in definition.references {
      referrers[target, default: SortedSet()].insert(key)
    }
  }

  mutating func remove(_ definition: Definition) {
    let key = definition.key
    definitions[key] = nil
    ids[key.kind]?.remove(key.id)
    for target in definition.references { referrers[target]?.remove(key) }
  }
}

extension Definition.Key: Comparable {
  package static func < (left: Definition.Key, right: Definition.Key) -> Bool {
    (left.kind.rawValue, left.id) < (right.kind.rawValue, right.id)
  }
}
