import NIOCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The sockets a server listens on.
final class Listeners: Sendable {
  private let channels = Mutex<[any Channel]>([])

  func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

  var addresses: [SocketAddress] {
    channels.withLock { $0.compactMap(\.localAddress) }
  }

  func close() async {
    let channels = channels.withLock { channels in
      defer { channels = [] }
      return channels
    }
    for channel in channels { try? await channel.close() }
  }
}

/// An address that a server can't listen on.
package struct ListenError: Error, CustomStringConvertible {
  package let address: String
  /// What the system says, such as "Address already in use".
  package let problem: String

  init(_ address: String, _ error: any Error) {
    self.address = address
    problem = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }

  package var description: String { "can't listen on \(address): \(problem)" }
}
