#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Binds an event, or a pattern of event names, to a function.
package struct Subscription: Hashable, Sendable {
  package var subscriptionID = ""
  /// A name or a pattern: `order.created`, `order.*`, `order.**`, `**`.
  package var event = ""
  package var functionID = ""
  package var metadata: [String: String] = [:]
  /// Which of the event's triggers it wants; nil for all.
  package var filter: SubscriptionFilter?
  /// Shapes what the function gets; nil for the payload as it is.
  package var transform: PayloadTransform?
  /// Output only: how many triggers its filter could not be evaluated for since the gateway started,
  /// and why the last time. Never stored.
  package var filterErrorCount: UInt64 = 0
  package var filterError = ""
  package var delivery = DeliveryPolicy()
  /// The `SubscriptionGroup` it belongs to; empty for none.
  package var groupID = ""
  /// Its place in a group that runs in sequence, from the lowest; ties go by id.
  package var order: Int32 = 0
  /// Its share in a group that runs one of its members.
  package var weight: Int32 = 1
  /// Among the subscriptions that compete for a function, higher ones go first.
  package var priority: Int32 {
    get { givenPriority ?? 0 }
    set { givenPriority = newValue == 0 ? nil : newValue }
  }
  /// Nil and not 0, so that a definition without one is stored as it was before there were any.
  private var givenPriority: Int32?
  /// Triggers are kept for it and run when it is resumed.
  package var isPaused = false
  /// Why it is paused; empty for none.
  package var stateReason = ""
  /// Belongs to an event's `function_id`; it can't be changed on its own.
  package var isManaged = false
  package var stamp = ResourceStamp()

  package init() {}

  private static let managedPrefix = "managed."

  package static func managedID(for event: String) -> String { managedPrefix + event }

  /// The event whose managed subscription has this id; nil for an id that a client may choose.
  package static func managedEvent(of id: String) -> String? {
    id.hasPrefix(managedPrefix) ? String(id.dropFirst(managedPrefix.count)) : nil
  }

  /// Checks what a client may write; managed subscriptions are made by the gateway itself.
  package func check(_ path: String) -> FieldCheck {
    var check = FieldCheck()
    check.name(subscriptionID, .identifier, "\(path).subscription_id")
    if Self.managedEvent(of: subscriptionID) != nil {
      check.add("\(path).subscription_id", "must not start with '\(Self.managedPrefix)'")
    }
    check.name(event, .eventPattern, "\(path).event")
    check.name(functionID, .identifier, "\(path).function_id")
    check.metadata(metadata, "\(path).metadata")
    if let filter {
      if filter.text.isEmpty { check.add("\(path).filter", "has none of sql, json and pattern") }
      let field = "\(path).filter.\(filter.language.rawValue)"
      check.size(filter.text.utf8.count, atMost: Limits.expressionBytesMax, field)
    }
    if let transform {
      let field = "\(path).transform"
      if transform.template.isEmpty { check.add("\(field).template", "is required") }
      check.size(
        transform.template.utf8.count, atMost: Limits.expressionBytesMax, "\(field).template")
      check.dataType(transform.dataType, "\(field).data_type")
    }
    delivery.check(&check, "\(path).delivery")
    check.range(
      priority, -Limits.priorityMax...Limits.priorityMax, "\(path).priority")
    checkGroup(&check, path)
    return check
  }

  private func checkGroup(_ check: inout FieldCheck, _ path: String) {
    guard !groupID.isEmpty else {
      if order != 0 { check.add("\(path).order", "belongs to a group's member") }
      if weight != 1 { check.add("\(path).weight", "belongs to a group's member") }
      return
    }
    check.name(groupID, .identifier, "\(path).group")
    check.range(weight, 1...Limits.groupWeightMax, "\(path).weight")
    if event.contains("*") {
      check.add("\(path).group", "takes subscriptions to one event, not to a pattern")
    }
  }

  /// Among several, the highest wins `key`: each with a chance in proportion to its weight
  /// (Schindelhauer and Schomaker, Weighted Distributed Hash Tables, 2005).
  func rendezvousScore(for key: String) -> Double {
    let hash = StableHash.mixed(
      StableHash.fnv1a(key.utf8, seed: StableHash.fnv1a(subscriptionID.utf8)))
    // From 2^-54 to 1 - 2^-54: 53 bits are what a Double holds.
    let chance = (Double(hash >> 11) + 0.5) / Double(1 << 53)
    return -Double(weight) / log(chance)
  }
}

extension Subscription: Codable {
  /// Without `filterErrorCount` and `filterError`, which are derived, never stored.
  private enum CodingKeys: String, CodingKey {
    case subscriptionID, event, functionID, metadata, filter, transform, delivery, groupID, order
    case weight, isPaused, stateReason, isManaged, stamp
    case givenPriority = "priority"
  }
}
