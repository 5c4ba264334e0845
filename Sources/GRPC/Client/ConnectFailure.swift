import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Why there is no connection, in words: NIO's errors say which call failed on which socket.
struct ConnectFailure: CustomStringConvertible {
  let description: String

  init(_ error: any Error) {
    description =
      switch error {
      case let error as NIOConnectionError: Self.words(of: error)
      case let error as IOError: String(cString: strerror(error.errnoCode))
      case ChannelError.connectTimeout(let time): "no answer within \(time)"
      case let error as SocketAddressError.UnknownHost: error.errorDescription
      default: "\(error)"
      }
  }

  /// Of a name's addresses the last one tried counts, or what the lookup said.
  private static func words(of error: NIOConnectionError) -> String {
    let cause = error.connectionErrors.last?.error ?? error.dnsAError ?? error.dnsAAAAError
    return cause.map { ConnectFailure($0).description } ?? "the name has no address"
  }
}
