/// A call that did not end with OK: what a handler throws, and what a client's call throws.
package struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Never OK.
  package var code: StatusCode

  /// For people; sent as `grpc-message`, percent-encoded, cut at
  /// ``Limits/statusMessageBytesMax``.
  package var message: String

  /// A serialized google.rpc.Status, sent as `grpc-status-details-bin`; empty for none. Left out
  /// on the wire if it is over ``Limits/statusDetailsBytesMax``.
  package var statusDetails: [UInt8]

  /// Sent with the status.
  package var trailers: Metadata

  /// On a client: the server said so, by a `grpc-status`. Else this end has found out by itself, such
  /// as that there is no connection, or that what answers is no gRPC server.
  package var isFromServer = false

  package init(
    _ code: StatusCode, _ message: String, statusDetails: [UInt8] = [], trailers: Metadata = [:]
  ) {
    precondition(code != .ok, "OK is not an error")
    self.code = code
    self.message = message
    self.statusDetails = statusDetails
    self.trailers = trailers
  }

  package var description: String { "\(code): \(message)" }
}

/// An error of another part that knows its status. The one place where a domain chooses its codes.
package protocol RPCErrorConvertible: Error {
  var rpcError: RPCError { get }
}

extension RPCError {
  /// The status for whatever a handler threw, and whether nobody foresaw it, so that it must be
  /// logged: its own words stay out of the answer, since they may hold what is not the caller's.
  static func status(for error: any Error) -> (status: RPCError, isUnforeseen: Bool) {
    switch error {
    case let error as RPCError: (error, false)
    case let error as any RPCErrorConvertible: (error.rpcError, false)
    case is CancellationError: (RPCError(.cancelled, "the call was cancelled"), false)
    default: (RPCError(.internal, "the server failed to handle the call"), true)
    }
  }
}
