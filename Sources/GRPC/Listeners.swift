import NIOCore
import Synchronization

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
