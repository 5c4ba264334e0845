package import EventCore
internal import HashTreeCollections
internal import Synchronization

/// The definitions in memory, for what every trigger needs: its event, who subscribes, and the
/// functions. Fed by the store (`EventStore.observeDefinitions`), never written by anyone else.
///
/// Each organization has a lock of its own, held only to look something up or to change it: what
/// takes time (filters that are compiled, payloads that are matched) works on copies, which share
/// all but what changes meanwhile.
package final class Catalog: Sendable {
  private let tenants = Mutex<[Organization: Tenant]>([:])

  package init() {}

  package func event(_ name: String, in organization: Organization) -> Event? {
    compiledEvent(name, in: organization)?.event
  }

  /// The same, with its schema and what it counted.
  package func compiledEvent(
    _ name: String, in organization: Organization
  ) -> CompiledEvent? {
    read(organization) { $0.events[name] }
  }

  package func function(_ id: String, in organization: Organization) -> Function? {
    compiledFunction(id, in: organization)?.function
  }

  /// The same, with what its flow control knows.
  package func compiledFunction(
    _ id: String, in organization: Organization
  ) -> CompiledFunction? {
    read(organization) { $0.functions[id] }
  }

  package func subscription(_ id: String, in organization: Organization) -> Subscription? {
    compiled(id, in: organization)?.subscription
  }

  /// The same, with what it says of triggers.
  package func compiled(_ id: String, in organization: Organization) -> CompiledSubscription? {
    read(organization) { $0.subscriptions[id] }
  }

  /// All of an organization's, in the order of their ids, after one.
  package func subscriptions(
    after id: String?, in organization: Organization
  ) -> [CompiledSubscription] {
    guard let all = read(organization, { $0.subscriptions }) else { return [] }
    return all.filter { entry in id.map { entry.key > $0 } ?? true }
      .sorted { $0.key < $1.key }.map(\.value)
  }

  /// The event, who subscribes, and their groups, of one and the same moment; nil if there is no such
  /// event.
  package func candidates(for event: String, in organization: Organization) -> Candidates? {
    read(organization) { tenant in
      tenant.events[event].map { Candidates($0, tenant.index, tenant.groups) }
    }
  }

  /// Who subscribes to a trigger that is complete; nil if there is no such event.
  package func match(_ trigger: Trigger) -> EventMatch? {
    candidates(for: trigger.event, in: trigger.organization)?.match(trigger)
  }

  /// Called by the store for every definition, in the order of its commits, one after the other.
  package func apply(_ update: DefinitionUpdate) {
    switch update {
    case .put(.subscription(let subscription), let organization):
      // Outside the lock: a filter may take milliseconds to compile.
      let old = compiled(subscription.subscriptionID, in: organization)
      let new = CompiledSubscription(subscription, replacing: old)
      tenant(organization).state.withLock { $0.put(new) }
    case .put(let definition, let organization):
      tenant(organization).state.withLock { $0.put(definition) }
    case .deleted(let key, let organization):
      tenants.withLock { $0[organization] }?.state.withLock { $0.delete(key) }
    }
  }

  private func read<T: Sendable>(
    _ organization: Organization, _ body: (borrowing Definitions) -> T?
  ) -> T? {
    tenants.withLock { $0[organization] }?.state.withLock { body($0) }
  }

  /// Those that have come to be stay.
  private func tenant(_ organization: Organization) -> Tenant {
    tenants.withLock { tenants in
      if let tenant = tenants[organization] { return tenant }
      let new = Tenant()
      tenants[organization] = new
      return new
    }
  }
}

/// An organization's part.
private final class Tenant: Sendable {
  let state = Mutex(Definitions())
}

private struct Definitions: Sendable {
  var events: [String: CompiledEvent] = [:]
  var functions: [String: CompiledFunction] = [:]
  /// These are copied by those who read them.
  var subscriptions: TreeDictionary<String, CompiledSubscription> = [:]
  var groups: TreeDictionary<String, SubscriptionGroup> = [:]
  var index = SubscriptionIndex()

  mutating func put(_ new: CompiledSubscription) {
    let old = subscriptions.updateValue(new, forKey: new.subscription.subscriptionID)
    if let old { index.remove(old) }
    index.insert(new)
  }

  mutating func put(_ definition: Definition) {
    switch definition {
    case .event(let event):
      events[event.event] = CompiledEvent(event, replacing: events[event.event])
    case .function(let function):
      let old = functions[function.functionID]
      functions[function.functionID] = CompiledFunction(function, replacing: old)
    case .group(let group):
      groups[group.groupID] = group
    case .subscription(let subscription):
      put(CompiledSubscription(subscription))
    case .schema:
      // The event has the current one.
      break
    }
  }

  mutating func delete(_ key: Definition.Key) {
    switch key.kind {
    case .event: events[key.id] = nil
    case .function: functions[key.id] = nil
    case .group: groups[key.id] = nil
    case .schema: break
    case .subscription:
      if let old = subscriptions.removeValue(forKey: key.id) { index.remove(old) }
    }
  }
}
