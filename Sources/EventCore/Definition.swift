/// Any of the resources that developers write: an event, a subscription, a function or a
/// group of subscriptions; and what is kept of an event's schemas.
package enum Definition: Hashable, Codable, Sendable {
  case event(Event)
  case subscription(Subscription)
  case function(Function)
  case group(SubscriptionGroup)
  case schema(SchemaRevision)

  package enum Kind: String, CaseIterable, Codable, Sendable {
    case event, subscription, function, group, schema
  }

  /// Names a definition within an organization.
  package struct Key: Hashable, Codable, Sendable {
    package var kind: Kind
    package var id: String

    package init(_ kind: Kind, _ id: String) {
      self.kind = kind
      self.id = id
    }

    /// Names no definition, but a set of them that may be empty.
    package var isPattern: Bool { kind == .event && id.utf8.contains(UInt8(ascii: "*")) }
  }

  package var key: Key {
    switch self {
    case .event(let event): Key(.event, event.event)
    case .subscription(let subscription): Key(.subscription, subscription.subscriptionID)
    case .function(let function): Key(.function, function.functionID)
    case .group(let group): Key(.group, group.groupID)
    case .schema(let schema):
      Key(.schema, SchemaRevision.id(schema.schema.revision, of: schema.event))
    }
  }

  package var stamp: ResourceStamp {
    get {
      switch self {
      case .event(let event): event.stamp
      case .subscription(let subscription): subscription.stamp
      case .function(let function): function.stamp
      case .group(let group): group.stamp
      case .schema(let schema): schema.stamp
      }
    }
    set {
      switch self {
      case .event(var event):
        event.stamp = newValue
        self = .event(event)
      case .subscription(var subscription):
        subscription.stamp = newValue
        self = .subscription(subscription)
      case .function(var function):
        function.stamp = newValue
        self = .function(function)
      case .group(var group):
        group.stamp = newValue
        self = .group(group)
      case .schema(var schema):
        schema.stamp = newValue
        self = .schema(schema)
      }
    }
  }

  /// Without what is never stored: what the gateway counts or derives.
  package var withoutDerived: Definition {
    switch self {
    case .event(var event):
      event.receivedAt = nil
      event.schemaViolationCount = 0
      return .event(event)
    case .subscription(var subscription):
      subscription.filterErrorCount = 0
      subscription.filterError = ""
      return .subscription(subscription)
    case .function(var function):
      function.circuit = nil
      return .function(function)
    case .group, .schema: return self
    }
  }

  /// What must exist as long as this does, but for a pattern of event names: that only serves to
  /// list those who subscribe to it.
  package var references: [Key] {
    switch self {
    case .event(let event):
      event.functionID.isEmpty ? [] : [Key(.function, event.functionID)]
    case .subscription(let subscription):
      subscription.references
    case .group(let group):
      [Key(.event, group.event)]
    case .schema(let schema):
      [Key(.event, schema.event)]
    case .function:
      []
    }
  }
}

extension Subscription {
  fileprivate var references: [Definition.Key] {
    var keys = [Definition.Key(.function, functionID), Definition.Key(.event, event)]
    if !groupID.isEmpty { keys.append(Definition.Key(.group, groupID)) }
    return keys
  }
}

extension Definition.Key {
  package var resource: ResourceName {
    switch kind {
    case .event: ResourceName(type: "dispatch.events.v1.Event", name: id)
    case .subscription: ResourceName(type: "dispatch.events.v1.Subscription", name: id)
    case .function: ResourceName(type: "dispatch.events.v1.Function", name: id)
    case .group: ResourceName(type: "dispatch.events.v1.SubscriptionGroup", name: id)
    case .schema: ResourceName(type: "dispatch.events.v1.EventSchema", name: id)
    }
  }

  package var notFound: GatewayError {
    let reason: GatewayError.Reason =
      switch kind {
      case .event: .eventNotFound
      case .subscription: .subscriptionNotFound
      case .function: .functionNotFound
      case .group: .groupNotFound
      case .schema: .schemaNotFound
      }
    return GatewayError(reason, "there is no \(kind.rawValue) '\(id)'", resource: resource)
  }
}
