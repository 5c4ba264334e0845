/// Why a request was refused: a reason programs switch on, and words for a person.
///
/// The transport's status code follows from the reason, in EventGateway/GatewayError+Status.swift.
package struct GatewayError: Error, Hashable, Sendable {
  package var reason: Reason
  package var message: String
  /// For `INVALID_ARGUMENT`: one per field that is wrong.
  package var violations: [FieldViolation] = []
  /// For `NOT_FOUND`, `ALREADY_EXISTS` and `FAILED_PRECONDITION`: what it is about.
  package var resource: ResourceName?
  /// For `RESOURCE_EXHAUSTED` and `UNAVAILABLE`: when to try again.
  package var retryAfter: Duration?

  package init(
    _ reason: Reason, _ message: String, violations: [FieldViolation] = [],
    resource: ResourceName? = nil, retryAfter: Duration? = nil
  ) {
    self.reason = reason
    self.message = message
    self.violations = violations
    self.resource = resource
    self.retryAfter = retryAfter
  }

  /// The `reason` of google.rpc.ErrorInfo in the domain `dispatch.events`.
  package enum Reason: String, Sendable {
    case fieldInvalid = "FIELD_INVALID"
    case invalidUTF8 = "INVALID_UTF8"
    case nestingTooDeep = "NESTING_TOO_DEEP"
    case malformedMessage = "MALFORMED_MESSAGE"
    case messageTooLarge = "MESSAGE_TOO_LARGE"
    case pageTokenInvalid = "PAGE_TOKEN_INVALID"
    case schemaInvalid = "SCHEMA_INVALID"
    case schemaViolation = "SCHEMA_VIOLATION"
    case schemaIncompatible = "SCHEMA_INCOMPATIBLE"
    case unsupportedContentType = "UNSUPPORTED_CONTENT_TYPE"
    case filterInvalid = "FILTER_INVALID"
    case templateInvalid = "TEMPLATE_INVALID"
    case schemaNotFound = "SCHEMA_NOT_FOUND"
    case eventNotFound = "EVENT_NOT_FOUND"
    case subscriptionNotFound = "SUBSCRIPTION_NOT_FOUND"
    case functionNotFound = "FUNCTION_NOT_FOUND"
    case groupNotFound = "GROUP_NOT_FOUND"
    case triggerNotFound = "TRIGGER_NOT_FOUND"
    case invocationNotFound = "INVOCATION_NOT_FOUND"
    case resourceExists = "RESOURCE_EXISTS"
    case eventIDConflict = "EVENT_ID_CONFLICT"
    case requestIDConflict = "REQUEST_ID_CONFLICT"
    case etagMismatch = "ETAG_MISMATCH"
    case inUse = "IN_USE"
    case groupMismatch = "GROUP_MISMATCH"
    case invocationNotFailed = "INVOCATION_NOT_FAILED"
    case resumeTokenInvalid = "RESUME_TOKEN_INVALID"
    case resumeTokenExpired = "RESUME_TOKEN_EXPIRED"
    case managedSubscription = "MANAGED_SUBSCRIPTION"
    case functionKindDisabled = "FUNCTION_KIND_DISABLED"
    case queueFull = "QUEUE_FULL"
    case functionBusy = "FUNCTION_BUSY"
    case quota = "QUOTA"
    case leaseLost = "LEASE_LOST"
    case draining = "DRAINING"
    case storeUnavailable = "STORE_UNAVAILABLE"
    case `internal` = "INTERNAL"
  }
}

extension GatewayError {
  /// One field is wrong. `problem` goes after the field's name: "is required".
  package static func invalid(_ field: String, _ problem: String) -> GatewayError {
    invalid([FieldViolation(field: field, problem: problem)])
  }

  /// - Precondition: `violations` is not empty.
  package static func invalid(
    _ violations: [FieldViolation], _ reason: Reason = .fieldInvalid
  ) -> GatewayError {
    let first = violations[0]
    let more = violations.count > 1 ? " (and \(violations.count - 1) more)" : ""
    return GatewayError(
      reason, "\(first.field) \(first.problem)\(more)", violations: violations)
  }
}

/// One field of a request that is wrong: google.rpc.BadRequest.FieldViolation.
package struct FieldViolation: Hashable, Sendable {
  /// The path from the request's root, such as `event.metadata`.
  package var field: String
  /// A phrase that goes after the field's name, such as "is required".
  package var problem: String

  package init(field: String, problem: String) {
    self.field = field
    self.problem = problem
  }
}

/// What an error is about: google.rpc.ResourceInfo.
package struct ResourceName: Hashable, Sendable {
  /// The message's full name, such as `dispatch.events.v1.Event`.
  package var type: String
  package var name: String

  package init(type: String, name: String) {
    self.type = type
    self.name = name
  }
}
