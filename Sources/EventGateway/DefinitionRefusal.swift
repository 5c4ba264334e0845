internal import EventCore

/// What a store refuses, in terms of the calls that asked for it.
extension DefinitionOutcome.Refusal {
  /// Whether what was read for the transaction has changed since.
  func isStale(_ transaction: DefinitionTransaction, _ isForced: Bool) -> Bool {
    switch self {
    case .revisionMismatch: true
    case .missing(let key):
      transaction.changes.contains { change in
        switch change {
        case .create: false
        case .update(let definition, _): definition.key == key
        case .delete(let deleted, _): deleted == key
        }
      }
    case .inUse(_, let users): isForced || users.allSatisfy { $0.kind == .schema }
    // Somebody else wrote the same revision of the event's schema.
    case .exists(let key): key.kind == .schema
    case .requestIDConflict, .groupMismatch, .groupFull, .quota: false
    }
  }

  /// What the client is told.
  var error: GatewayError {
    switch self {
    case .exists(let key):
      GatewayError(
        .resourceExists, "there is a \(key.kind.rawValue) '\(key.id)' already",
        resource: key.resource)
    case .missing(let key): key.notFound
    case .revisionMismatch(let key):
      GatewayError(
        .etagMismatch,
        "the \(key.kind.rawValue) '\(key.id)' was changed by somebody else; get it again",
        resource: key.resource)
    case .inUse(let key, let users):
      GatewayError(
        .inUse,
        "the \(key.kind.rawValue) '\(key.id)' is used by "
          + users.map { "\($0.kind.rawValue) '\($0.id)'" }.joined(separator: ", ")
          + (key.kind == .group
            ? "; take them out of it first, or delete them" : "; delete them first, or force it"),
        resource: key.resource)
    case .requestIDConflict:
      GatewayError(
        .requestIDConflict, "the request_id was used for another request; choose a new one")
    case .groupMismatch(let key, let event):
      GatewayError(
        .groupMismatch,
        "the group '\(key.id)' takes subscriptions to the event '\(event)' only; subscribe to that,"
          + " or leave out the group",
        resource: key.resource)
    case .groupFull(let key, let limit):
      GatewayError(
        .quota, "the group '\(key.id)' has \(limit) members, and may not have more",
        resource: key.resource)
    case .quota(let kind, let limit):
      GatewayError(
        .quota, "the organization has \(limit) \(kind.rawValue)s, and may not have more")
    }
  }
}
