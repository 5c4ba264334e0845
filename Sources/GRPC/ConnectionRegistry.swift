import NIOCore
import Synchronization

/// The connections of a server, from accept until they are closed and their last handler has
/// returned. Touched once per connection, from any loop.
final class ConnectionRegistry: Sendable {
  private struct Entry {
    let connection: ServerConnection
    let network: PeerNetwork?
  }

  private struct State: ~Copyable {
    var entries: [ObjectIdentifier: Entry] = [:]
    var perNetwork: [PeerNetwork: Int] = [:]
    var waiters: [EventLoopPromise<Bool>] = []
    var isStopped = false
  }

  /// Why a connection is not taken.
  enum Refusal: Error {
    case serverIsFull
    case peerHasEnough
    /// Accepted before the listener was closed, and set up by its loop only now.
    case serverStops
  }

  private let state = Mutex(State())
  private let connectionsMax: Int
  private let perPeerMax: Int

  init(connectionsMax: Int, perPeerMax: Int) {
    self.connectionsMax = connectionsMax
    self.perPeerMax = perPeerMax
  }

  func add(_ connection: ServerConnection, from address: SocketAddress?) throws(Refusal) {
    let network = PeerNetwork(address)
    let refusal = state.withLock { state -> Refusal? in
      guard !state.isStopped else { return .serverStops }
      guard state.entries.count < connectionsMax else { return .serverIsFull }
      if let network {
        guard state.perNetwork[network, default: 0] < perPeerMax else { return .peerHasEnough }
        state.perNetwork[network, default: 0] += 1
      }
      state.entries[ObjectIdentifier(connection)] = Entry(connection: connection, network: network)
      return nil
    }
    if let refusal { throw refusal }
  }

  func remove(_ connection: ServerConnection) {
    let waiters = state.withLock { state -> [EventLoopPromise<Bool>] in
      guard let entry = state.entries.removeValue(forKey: ObjectIdentifier(connection)) else {
        return []
      }
      if let network = entry.network {
        let left = state.perNetwork[network, default: 1] - 1
        state.perNetwork[network] = left == 0 ? nil : left
      }
      guard state.entries.isEmpty else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    waiters.forEach { $0.succeed(true) }
  }

  /// Takes no more; returns those that there are.
  func stop() -> [ServerConnection] {
    state.withLock { $0.isStopped = true }
    return all
  }

  var all: [ServerConnection] { state.withLock { $0.entries.values.map(\.connection) } }

  /// True once there is no connection left, false if that takes longer than `timeout`.
  func waitUntilEmpty(_ timeout: TimeAmount, on loop: any EventLoop) async -> Bool {
    let promise = loop.makePromise(of: Bool.self)
    let isEmpty = state.withLock { state in
      if !state.entries.isEmpty { state.waiters.append(promise) }
      return state.entries.isEmpty
    }
    if isEmpty { promise.succeed(true) }
    let timer = loop.scheduleTask(in: timeout) { promise.succeed(false) }
    defer { timer.cancel() }
    return (try? await promise.futureResult.get()) ?? false
  }
}
