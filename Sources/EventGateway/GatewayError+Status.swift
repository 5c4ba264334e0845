package import EventCore
package import GRPC
internal import Messages

/// The one place where errors of the domain become gRPC statuses.
extension GatewayError: RPCErrorConvertible {
  package var rpcError: RPCError {
    var status = ErrorStatus()
    status.code = Int32(reason.code.rawValue)
    status.message = message.cut(toBytes: Self.messageBytesMax)
    status.details = details
    return RPCError(reason.code, status.message, statusDetails: status.packed())
  }

  /// At most one of each type, and at most 4 KiB in all: more would be dropped on the wire.
  private var details: [ErrorDetail] {
    var info = ErrorInfo()
    info.reason = reason.rawValue
    var details = [ErrorDetail("ErrorInfo", info)]
    if !violations.isEmpty { details.append(ErrorDetail("BadRequest", badRequest)) }
    if let resource { details.append(ErrorDetail("ResourceInfo", resource)) }
    if let retryAfter {
      var retry = RetryInfo()
      retry.delay = retryAfter
      details.append(ErrorDetail("RetryInfo", retry))
    }
    switch reason {
    case .inUse, .groupMismatch, .invocationNotFailed, .managedSubscription, .functionKindDisabled,
      .schemaIncompatible:
      details.append(ErrorDetail("PreconditionFailure", preconditionFailure))
    case .quota, .queueFull:
      details.append(ErrorDetail("QuotaFailure", quotaFailure))
    default: break
    }
    return details
  }

  private static let messageBytesMax = 512
  private static let violationsMax = 20
  /// Of 4 KiB that all details may take; the rest is left to the others and the message.
  private static let violationBytesMax = 2_816
  private static let violationFieldBytesMax = 256
  private static let violationProblemBytesMax = 256

  private var badRequest: BadRequest {
    var request = BadRequest()
    var bytes = 0
    for violation in violations.prefix(Self.violationsMax) {
      let shortened = FieldViolation(
        field: violation.field.cut(toBytes: Self.violationFieldBytesMax),
        problem: violation.problem.cut(toBytes: Self.violationProblemBytesMax))
      bytes += shortened.field.utf8.count + shortened.problem.utf8.count
      guard bytes <= Self.violationBytesMax else { break }
      request.violations.append(shortened)
    }
    return request
  }

  private var preconditionFailure: PreconditionFailure {
    var violation = PreconditionViolation()
    violation.type = reason.rawValue
    violation.subject = resource?.name ?? ""
    violation.description = message.cut(toBytes: Self.messageBytesMax)
    var failure = PreconditionFailure()
    failure.violations = [violation]
    return failure
  }

  private var quotaFailure: QuotaFailure {
    var violation = QuotaViolation()
    violation.subject = resource?.name ?? reason.rawValue
    violation.description = message.cut(toBytes: Self.messageBytesMax)
    var failure = QuotaFailure()
    failure.violations = [violation]
    return failure
  }
}

extension GatewayError.Reason {
  fileprivate var code: StatusCode {
    switch self {
    case .fieldInvalid, .invalidUTF8, .nestingTooDeep, .malformedMessage, .pageTokenInvalid,
      .resumeTokenInvalid, .schemaInvalid, .schemaViolation, .unsupportedContentType,
      .filterInvalid, .templateInvalid:
      .invalidArgument
    case .eventNotFound, .subscriptionNotFound, .functionNotFound, .groupNotFound,
      .triggerNotFound, .invocationNotFound, .schemaNotFound:
      .notFound
    case .resourceExists, .eventIDConflict, .requestIDConflict: .alreadyExists
    case .etagMismatch, .leaseLost: .aborted
    case .inUse, .groupMismatch, .invocationNotFailed, .managedSubscription,
      .functionKindDisabled, .schemaIncompatible:
      .failedPrecondition
    case .resumeTokenExpired: .outOfRange
    case .queueFull, .quota, .messageTooLarge: .resourceExhausted
    case .draining, .storeUnavailable, .functionBusy: .unavailable
    case .internal: .internal
    }
  }
}

extension StoreError: RPCErrorConvertible {
  package var rpcError: RPCError {
    switch self {
    case .overloaded(let retryAfter):
      GatewayError(
        .queueFull, "the store has as much to do as it takes; nothing was accepted",
        retryAfter: retryAfter
      ).rpcError
    case .unavailable(let problem):
      GatewayError(.storeUnavailable, problem, retryAfter: .seconds(1)).rpcError
    case .closed:
      GatewayError(.draining, "the gateway is shutting down", retryAfter: .seconds(1)).rpcError
    case .cancelled:
      RPCError(.cancelled, "the call was cancelled while it read")
    }
  }
}
