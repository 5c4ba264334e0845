import AsyncHTTPClient
import EventCore
import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension AttemptResult {
  /// No response came, or only a part of it.
  ///
  /// | code | class | |
  /// |---|---|---|
  /// | `CONNECT_TIMEOUT` | TIMEOUT | no connection in time |
  /// | `CONNECT_FAILED` | SYSTEM | no connection: refused, no such host, TLS failed |
  /// | `RESPONSE_TIMEOUT` | TIMEOUT | the request was sent, and no answer began in time |
  /// | `REQUEST_FAILED` | SYSTEM | the connection broke, or what came was not HTTP |
  ///
  /// - Parameter phase: how far the exchange came.
  static func failed(
    _ error: any Error, in phase: HTTPExchange.Phase, at address: HTTPAddress
  ) -> AttemptResult {
    switch error {
    case let error as HTTPExchange.TimedOut where error.phase == .connecting:
      .failed(
        .timeout, code: "CONNECT_TIMEOUT",
        message: "there was no connection to \(address) within \(error.time)")
    case let error as HTTPExchange.TimedOut:
      .failed(
        .timeout, code: "RESPONSE_TIMEOUT",
        message: "\(address) did not begin to answer within \(error.time)")
    case let error where phase == .connecting:
      .failed(
        .system, code: "CONNECT_FAILED",
        message: "\(address) could not be reached: \(reason(for: error))")
    default:
      .failed(
        .system, code: "REQUEST_FAILED",
        message: "the request to \(address) failed: \(reason(for: error))")
    }
  }

  static var invalidURL: AttemptResult {
    .failed(
      .system, code: "INVALID_URL", message: "the URL of the function is not valid", isFinal: true)
  }

  private static func reason(for error: any Error) -> String {
    switch error {
    case let error as HTTPClientError: error.shortDescription
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError: reason(for: error)
    default: "\(error)"
    }
  }

  /// The last of the addresses' errors, or what the name's lookup said.
  private static func reason(for error: NIOConnectionError) -> String {
    guard let last = error.connectionErrors.last?.error ?? error.dnsAError ?? error.dnsAAAAError
    else { return "no address" }
    return reason(for: last)
  }
}
