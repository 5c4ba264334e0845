package import EventCore
import Synchronization

/// The definitions in memory, for what every trigger needs: its event, who subscribes, and the
/// functions. Fed by the store (`EventStore.observeDefinitions`), never written by anyone else.
package final class Catalog: Sendable {
  fileprivate struct Tenant: Sendable {
    var events: [String: Event] = [:]
    var functions: [String: Function] = [:]
    var subscriptions: [String: Subscription] = [:]
    var groups: [String: SubscriptionGroup] = [:]
    var index = SubscriptionIndex()
  }

  private let tenants = Mutex<[Organization: Tenant]>([:])

  package init() {}

  package func event(_ name: String, in organization: Organization) -> Event? {
    tenants.withLock { $0[organization]?.events[name] }
  }

  package func function(_ id: String, in organization: Organization) -> Function? {
    tenants.withLock { $0[organization]?.functions[id] }
  }

  package func subscription(_ id: String, in organization: Organization) -> Subscription? {
    tenants.withLock { $0[organization]?.subscriptions[id] }
  }

  /// The event, the subscriptions that match its name, and their groups, of one and the same moment.
  package func match(_ event: String, in organization: Organization) -> EventMatch? {
    tenants.withLock { tenants in
      guard let tenant = tenants[organization], let event = tenant.events[event] else { return nil }
      let subscriptions = tenant.index.matches(event.event)
      let groupIDs = Set(subscriptions.lazy.map(\.groupID).filter { !$0.isEmpty })
      return EventMatch(event, subscriptions, groupIDs.sorted().compactMap { tenant.groups[$0] })
    }
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
      events[event.event] = event
    case .function(let function):
      functions[function.functionID] = function
    case .subscription(let subscription):
      delete(definition.key)
      subscriptions[subscription.subscriptionID] = subscription
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
      if let old = subscriptions.removeValue(forKey: key.id) { index.remove(old) }
    }
  }
}
