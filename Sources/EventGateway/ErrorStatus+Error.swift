internal import GRPC
internal import Messages

extension ErrorStatus {
  /// As a call of its own would end.
  init(_ error: any Error) {
    self.init()
    guard let error = (error as? any RPCErrorConvertible)?.rpcError else {
      code = Int32(StatusCode.internal.rawValue)
      message = "the server failed to handle the message"
      return
    }
    let details = error.statusDetails.withUnsafeBytes {
      try? ErrorStatus(unpacking: $0, from: .server)
    }
    if let details { self = details }
    (code, message) = (Int32(error.code.rawValue), error.message)
  }
}
