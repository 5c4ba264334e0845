import EventCore
import GRPC
import Messages

/// What a call means that did not end with OK.
///
/// | status | class | |
/// |---|---|---|
/// | INVALID_ARGUMENT, OUT_OF_RANGE, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION | INPUT | final |
/// | PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED | SYSTEM | final |
/// | DEADLINE_EXCEEDED | TIMEOUT | a retry may help |
/// | CANCELLED, UNKNOWN, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS | FUNCTION | a retry may help |
///
/// A retry waits as long as google.rpc.RetryInfo asks. What the service did not say itself, by a
/// grpc-status, is SYSTEM whatever the code: there is no connection, or no gRPC at the other end.
struct GRPCFailure {
  private let status: RPCError
  private let address: String

  init(_ status: RPCError, at address: String) {
    self.status = status
    self.address = address
  }

  var error: InvocationError {
    let (errorClass, isFinal) = Self.meaning(of: status.code)
    return InvocationError(
      status.isFromServer ? errorClass : .system, code: "GRPC_\(status.code.name)",
      message: message, isFinal: isFinal, retryAfter: isFinal ? nil : retryAfter)
  }

  private static func meaning(
    of code: StatusCode
  ) -> (errorClass: InvocationError.Class, isFinal: Bool) {
    switch code {
    case .invalidArgument, .outOfRange, .notFound, .alreadyExists, .failedPrecondition:
      (.input, true)
    case .permissionDenied, .unauthenticated, .unimplemented: (.system, true)
    case .deadlineExceeded: (.timeout, false)
    default: (.function, false)
    }
  }

  private var message: String {
    if !status.isFromServer { return "the call to \(address) failed: \(status.message)" }
    return status.message.isEmpty ? "\(address) answered \(status.code.name)" : status.message
  }

  private var retryAfter: Duration? {
    let details = status.statusDetails.withUnsafeBytes {
      try? ErrorStatus(unpacking: $0, from: .server).details
    }
    let info = details?.lazy.compactMap { $0.unpacked("RetryInfo", as: RetryInfo.self) }.first
    return info?.delay.map { max(.zero, min($0, RuntimeLimits.retryAfterMax)) }
  }
}
