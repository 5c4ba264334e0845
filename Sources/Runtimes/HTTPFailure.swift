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
  /// No response came, or only a part of it. The code is `CONNECT_FAILED` if there never was a
  /// connection.
  static func failed(_ error: any Error, at address: HTTPAddress) -> AttemptResult {
    switch error {
    case let error as HTTPClientError where invalidURL.contains(error):
      .failed(
        .system, code: "INVALID_URL", message: "the URL of the function is not valid",
        isFinal: true)
    case let error as HTTPClientError where error == .connectTimeout:
      .unreachable(address, "no answer within \(RuntimeLimits.connectTimeout)")
    case let error as NIOConnectionError:
      .unreachable(address, error.reason)
    case let error as IOError where unreachable.contains(error.errnoCode):
      .unreachable(address, reason(for: error))
    default:
      .failed(
        .system, code: "REQUEST_FAILED",
        message: "the request to \(address) failed: \(reason(for: error))")
    }
  }

  private static func unreachable(_ address: HTTPAddress, _ reason: String) -> AttemptResult {
    .failed(
      .system, code: "CONNECT_FAILED", message: "\(address) could not be reached: \(reason)")
  }

  private static let unreachable = [
    ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, ETIMEDOUT,
  ]
  private static let invalidURL: [HTTPClientError] = [.invalidURL, .emptyHost, .emptyScheme]

  fileprivate static func reason(for error: any Error) -> String {
    switch error {
    case let error as HTTPClientError: error.shortDescription
    case let error as IOError: String(cString: strerror(error.errnoCode))
    default: "\(error)"
    }
  }
}

extension NIOConnectionError {
  /// The last of the addresses' errors, or what the name's lookup said.
  fileprivate var reason: String {
    guard let error = connectionErrors.last?.error ?? dnsAError ?? dnsAAAAError else {
      return "no address"
    }
    return AttemptResult.reason(for: error)
  }
}
