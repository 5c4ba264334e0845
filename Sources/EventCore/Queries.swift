/// A page of definitions of one kind, by id.
package struct DefinitionQuery: Hashable, Sendable {
  package var organization: Organization
  package var kind: Definition.Kind
  /// Only those that refer to this one.
  package var references: Definition.Key?
  /// Ids greater than this one.
  package var after: String?
  package var limit: Int

  package init(
    _ kind: Definition.Kind, in organization: Organization, references: Definition.Key? = nil,
    after: String? = nil, limit: Int
  ) {
    self.organization = organization
    self.kind = kind
    self.references = references
    self.after = after
    self.limit = limit
  }
}

/// A page of triggers, newest first unless told otherwise.
package struct TriggerQuery: Hashable, Sendable {
  package var organization: Organization
  /// Only those of this event.
  package var event: String?
  /// Only those whose `receivedAt` is in it.
  package var received: Range<Timestamp>?
  package var isOldestFirst = false
  /// Only those that come after this one in the list's order (the last of the page before).
  package var after: UniqueID?
  package var limit: Int

  package init(
    in organization: Organization, event: String? = nil, received: Range<Timestamp>? = nil,
    after: UniqueID? = nil, limit: Int
  ) {
    self.organization = organization
    self.event = event
    self.received = received
    self.after = after
    self.limit = limit
  }
}

/// A page of invocations: newest trigger first, within a trigger by ordinal.
package struct InvocationQuery: Hashable, Sendable {
  package var organization: Organization
  package var triggerID: UniqueID?
  package var subscriptionID: String?
  package var functionID: String?
  /// Only those of triggers of this event.
  package var event: String?
  /// Only those of triggers whose `receivedAt` is in it.
  package var received: Range<Timestamp>?
  /// Only those in one of these states; empty for any. RUNNING is never stored.
  package var states: Set<Invocation.State>
  /// With output and logs.
  package var withResults: Bool
  /// Only those that come after this one (the last of the page before).
  package var after: InvocationID?
  package var limit: Int

  package init(
    in organization: Organization, triggerID: UniqueID? = nil, subscriptionID: String? = nil,
    functionID: String? = nil, states: Set<Invocation.State> = [], withResults: Bool = true,
    after: InvocationID? = nil, limit: Int
  ) {
    self.organization = organization
    self.triggerID = triggerID
    self.subscriptionID = subscriptionID
    self.functionID = functionID
    self.states = states
    self.withResults = withResults
    self.after = after
    self.limit = limit
  }
}
