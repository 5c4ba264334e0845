/// Binds an event, or a pattern of event names, to a function.
package struct Subscription: Hashable, Codable, Sendable {
  package var subscriptionID = ""
  /// A name or a pattern: `order.created`, `order.*`, `order.**`, `**`.
  package var event = ""
  package var functionID = ""
  package var metadata: [String: String] = [:]
  package var delivery = DeliveryPolicy()
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
    delivery.check(&check, "\(path).delivery")
    return check
  }
}
