package import EventCore
import Synchronization

/// The definitions in memory, for what every trigger needs: its event, who subscribes, and the
/// functions. Fed by the store (`EventStore.observeDefinitions`), never written by anyone else.
package final class Catalog: Sendable {
  fileprivate struct Tenant: Sendable {
    var events: [String: CompiledEvent] = [:]
    var functions: [String: Function] = [:]
    var subscriptions: [String: CompiledSubscription] = [:]
    var groups: [String: SubscriptionGroup] = [:]
    var index = SubscriptionIndex()
  }

  private let tenants = Mutex<[Organization: Tenant]>([:])

  package init() {}

  package func event(_ name: String, in organization: Organization) -> Event? {
    compiledEvent(name, in: organization)?.event
  }

  /// The same, with its schema and what it counted.
  package func compiledEvent(
    _ name: String, in organization: Organization
  ) -> CompiledEvent? {
    tenants.withLock { $0[organization]?.events[name] }
  }

  package func function(_ id: String, in organization: Organization) -> Function? {
    tenants.withLock { $0[organization]?.functions[id] }
  }

  package func subscription(_ id: String, in organization: Organization) -> Subscription? {
    compiled(id, in: organization)?.subscription
  }

  /// The same, with what it says of triggers.
  package func compiled(_ id: String, in organization: Organization) -> CompiledSubscription? {
    tenants.withLock { $0[organization]?.subscriptions[id] }
  }

  /// All of an organization's, in the order of their ids, after one.
  package func subscriptions(
    after id: String?, in organization: Organization
  ) -> [CompiledSubscription] {
    let all = tenants.withLock { $0[organization]?.subscriptions } ?? [:]
    return all.filter { entry in id.map { entry.key > $0 } ?? true }
      .sorted { $0.key < $1.key }.map(\.value)
  }

  /// The event, the subscriptions to its name, and their groups, of one and the same moment; nil if
  /// there is no such event.
  package func candidates(for event: String, in organization: Organization) -> Candidates? {
    tenants.withLock { tenants in
      guard let tenant = tenants[organization], let event = tenant.events[event] else { return nil }
      let subscriptions = tenant.index.matches(event.event.event)
        .compactMap { tenant.subscriptions[$0.subscriptionID] }
      var groups: [String: SubscriptionGroup] = [:]
      for id in subscriptions.lazy.map(\.subscription.groupID) where !id.isEmpty {
        groups[id] = tenant.groups[id]
      }
      return Candidates(compiledEvent: event, subscriptions: subscriptions, groups: groups)
    }
  }

  /// Who subscribes to a trigger that is complete; nil if there is no such event.
  package func match(_ trigger: Trigger) -> EventMatch? {
    candidates(for: trigger.event, in: trigger.organization)?.match(trigger)
  }

  /// Called by the store for every definition, in the order of its commits.
  package func apply(_ update: DefinitionUpdate) {
    tenants.withLock { tenants in
      switch update {
      case .put(let definition, let organization):
        tenants[organization, default: Tenant()].put(definition)
      case .deleted(let key, let organization):
        tenants[organization]?.delete(key)
      }
    }
  }
}

extension Catalog.Tenant {
  fileprivate mutating func put(_ definition: Definition) {
    switch definition {
    case .event(let event):
      events[event.event] = CompiledEvent(event, replacing: events[event.event])
    case .function(let function):
      functions[function.functionID] = function
    case .subscription(let subscription):
      delete(definition.key)
      subscriptions[subscription.subscriptionID] = CompiledSubscription(subscription)
      index.insert(subscription)
    case .group(let group):
      groups[group.groupID] = group
    case .schema:
      // The event has the current one.
      break
    }
  }

  fileprivate mutating func delete(_ key: Definition.Key) {
    switch key.kind {
    case .event: events[key.id] = nil
    case .function: functions[key.id] = nil
    case .group: groups[key.id] = nil
    case .schema: break
    case .subscription:
      if let old = subscriptions.removeValue(forKey: key.id) {
        index.remove(old.subscription)
      }
    }
  }
}
