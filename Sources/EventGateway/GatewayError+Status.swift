package import EventCore
package import GRPC
internal import Messages

/// The one place where errors of the domain become gRPC statuses.
extension GatewayError: RPCErrorConvertible {
  package var rpcError: RPCError {
    var status = ErrorStatus()
    status.code = Int32(reason.code.rawValue)
    status.message = message
    status.details = details
    return RPCError(reason.code, message, statusDetails: status.packed())
  }

  /// At most one of each type; with the violations bounded they fit into a header list of 8 KiB.
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
    case .inUse, .managedSubscription, .functionKindDisabled:
      details.append(ErrorDetail("PreconditionFailure", preconditionFailure))
    case .quota, .queueFull:
      details.append(ErrorDetail("QuotaFailure", quotaFailure))
    default: break
    }
    return details
  }

  private static let violationsMax = 20

  private var badRequest: BadRequest {
    var request = BadRequest()
    request.violations = violations.prefix(Self.violationsMax).map {
      FieldViolation(field: String($0.field.prefix(80)), problem: String($0.problem.prefix(120)))
    }
    return request
  }

  private var preconditionFailure: PreconditionFailure {
    var violation = PreconditionViolation()
    violation.type = reason.rawValue
    violation.subject = resource?.name ?? ""
    violation.description = message
    var failure = PreconditionFailure()
    failure.violations = [violation]
    return failure
  }

  private var quotaFailure: QuotaFailure {
    var violation = QuotaViolation()
    violation.subject = resource?.name ?? reason.rawValue
    violation.description = message
    var failure = QuotaFailure()
    failure.violations = [violation]
    return failure
  }
}

extension GatewayError.Reason {
  fileprivate var code: StatusCode {
    switch self {
    case .fieldInvalid, .invalidUTF8, .nestingTooDeep, .malformedMessage, .pageTokenInvalid:
      .invalidArgument
    case .eventNotFound, .subscriptionNotFound, .functionNotFound, .triggerNotFound,
      .invocationNotFound:
      .notFound
    case .resourceExists, .eventIDConflict, .requestIDConflict: .alreadyExists
    case .etagMismatch: .aborted
    case .inUse, .managedSubscription, .functionKindDisabled: .failedPrecondition
    case .queueFull, .quota, .messageTooLarge: .resourceExhausted
    case .draining, .storeUnavailable: .unavailable
    case .internal: .internal
    }
  }
}

extension StoreError: RPCErrorConvertible {
  package var rpcError: RPCError { gatewayError.rpcError }

  private var gatewayError: GatewayError {
    switch self {
    case .overloaded(let retryAfter):
      GatewayError(
        .queueFull, "the store has as much to do as it takes; nothing was accepted",
        retryAfter: retryAfter)
    case .unavailable(let problem):
      GatewayError(.storeUnavailable, problem, retryAfter: .seconds(1))
    case .closed:
      GatewayError(.draining, "the gateway is shutting down", retryAfter: .seconds(1))
    }
  }
}
