/// Changes to definitions of one organization that are committed together or not at all.
///
/// The store checks each change's precondition, and that after all of them every reference
/// (`Definition.references`) of what was written leads to something, and that nothing that is left
/// refers to what was deleted; that a group's members subscribe to its event, and are at most
/// `Limits.groupMembersMax`. So no service has to read before it writes.
package struct DefinitionTransaction: Sendable {
  package var organization: Organization
  package var changes: [DefinitionChange]
  /// A create's idempotency key: within `Limits.requestIDWindow` the same key with equal changes
  /// gets the first answer, with others a refusal. Empty for none.
  package var requestID: String
  /// Check everything, commit nothing.
  package var validateOnly: Bool
  package var now: Timestamp

  package init(
    in organization: Organization, _ changes: [DefinitionChange], requestID: String = "",
    validateOnly: Bool = false, now: Timestamp = .now()
  ) {
    self.organization = organization
    self.changes = changes
    self.requestID = requestID
    self.validateOnly = validateOnly
    self.now = now
  }
}

package enum DefinitionChange: Hashable, Sendable {
  /// Refused if the key is taken. The store sets the stamp.
  case create(Definition)
  /// Refused unless the stored one has `revision`. The store sets the stamp, uid and creation time
  /// stay.
  case update(Definition, revision: UInt64)
  /// Refused if it is not there, or, with a revision, has another.
  case delete(Definition.Key, revision: UInt64?)
}

/// What became of a transaction.
package enum DefinitionOutcome: Hashable, Sendable {
  /// The definitions as written, in the order of the changes, without the deleted ones.
  case committed([Definition])
  case refused(Refusal)

  package enum Refusal: Hashable, Sendable {
    case exists(Definition.Key)
    case missing(Definition.Key)
    /// Someone else has written it since.
    case revisionMismatch(Definition.Key)
    /// `by`: some of those that refer to it, at most 10.
    case inUse(Definition.Key, by: [Definition.Key])
    /// The request id was used for something else.
    case requestIDConflict
    /// A member of this group subscribes to another event than the group's.
    case groupMismatch(Definition.Key, event: String)
    /// The group has as many members as it may.
    case groupFull(Definition.Key, limit: Int)
    /// The organization has as many as it may.
    case quota(Definition.Kind, limit: Int)
  }
}

/// One definition written or deleted; what a store tells its observers.
package enum DefinitionUpdate: Sendable {
  case put(Definition, Organization)
  case deleted(Definition.Key, Organization)
}
