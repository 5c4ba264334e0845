import Logging
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// The sockets a server listens on.
final class Listeners: Sendable {
  private let channels = Mutex<[any Channel]>([])
  private let socketFiles = Mutex<[SocketFile]>([])

  /// - Parameter bootstrap: with all that its connections need.
  func bind(
    _ endpoint: Endpoint, _ bootstrap: ServerBootstrap, group: any EventLoopGroup, logger: Logger
  ) async throws(ListenError) {
    let bootstrap =
      bootstrap
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause(logger))
        }
      }
    do {
      switch endpoint {
      case .tcp(let host, let port):
        add(try await bootstrap.bind(host: host, port: port).get())
      case .unix(let path):
        try await SocketFile.removeStale(path, group: group)
        let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
        add(channel)
        if let file = SocketFile(path) { socketFiles.withLock { $0.append(file) } }
      }
    } catch {
      throw ListenError("\(endpoint)", error)
    }
  }

  private func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

  var addresses: [SocketAddress] {
    channels.withLock { $0.compactMap(\.localAddress) }
  }

  func close() async {
    let channels = channels.withLock { channels in
      defer { channels = [] }
      return channels
    }
    for channel in channels { try? await channel.close() }
    socketFiles.withLock { files in
      files.forEach { $0.remove() }
      files = []
    }
  }
}

/// The file of a Unix domain socket that a listener made.
private struct SocketFile: Sendable {
  private let path: String
  private let stamp: FileStamp

  init?(_ path: String) {
    guard let stamp = FileStamp(path) else { return nil }
    self.path = path
    self.stamp = stamp
  }

  /// Unless another process has put its own there.
  func remove() {
    if FileStamp(path) == stamp { unlink(path) }
  }

  /// Removes what a process left that was killed: a socket on which nobody answers.
  static func removeStale(_ path: String, group: any EventLoopGroup) async throws {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    do {
      let channel = try await ClientBootstrap(group: group)
        .connect(unixDomainSocketPath: path).get()
      try? await channel.close()
    } catch let error as IOError where error.errnoCode == ECONNREFUSED {
      unlink(path)
    }
  }
}

/// An address that a server can't listen on.
package struct ListenError: Error, CustomStringConvertible {
  package let address: String
  /// What the system says, such as "Address already in use".
  package let problem: String

  init(_ address: String, _ error: any Error) {
    self.address = address
    problem = Self.words(error)
  }

  static func words(_ error: any Error) -> String {
    (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
  }

  package var description: String { "can't listen on \(address): \(problem)" }
}
