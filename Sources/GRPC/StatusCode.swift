/// How a call ended, as a number: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
package struct StatusCode: Hashable, Sendable, CustomStringConvertible {
  private enum Code: Int {
    case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists
    case permissionDenied, resourceExhausted, failedPrecondition, aborted, outOfRange
    case unimplemented, `internal`, unavailable, dataLoss, unauthenticated
  }

  private let code: Code

  private init(_ code: Code) { self.code = code }

  /// Nil for a number that gRPC does not define.
  package init?(rawValue: Int) {
    guard let code = Code(rawValue: rawValue) else { return nil }
    self.code = code
  }

  package static let ok = Self(.ok)
  package static let cancelled = Self(.cancelled)
  package static let unknown = Self(.unknown)
  package static let invalidArgument = Self(.invalidArgument)
  package static let deadlineExceeded = Self(.deadlineExceeded)
  package static let notFound = Self(.notFound)
  package static let alreadyExists = Self(.alreadyExists)
  package static let permissionDenied = Self(.permissionDenied)
  package static let resourceExhausted = Self(.resourceExhausted)
  package static let failedPrecondition = Self(.failedPrecondition)
  package static let aborted = Self(.aborted)
  package static let outOfRange = Self(.outOfRange)
  package static let unimplemented = Self(.unimplemented)
  package static let `internal` = Self(.internal)
  package static let unavailable = Self(.unavailable)
  package static let dataLoss = Self(.dataLoss)
  package static let unauthenticated = Self(.unauthenticated)

  package var rawValue: Int { code.rawValue }

  private static let names = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
    "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]

  /// As gRPC writes it, such as `NOT_FOUND`.
  package var name: String { Self.names[rawValue] }

  package var description: String { name }
}
