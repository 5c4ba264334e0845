import NIOCore
import Synchronization

/// The connections of a server, from accept until they are closed and their last handler has
/// returned. Touched once per connection, from any loop.
final class ConnectionRegistry: Sendable {
  private struct State: ~Copyable {
    var connections: [ObjectIdentifier: ServerConnection] = [:]
    var waiters: [EventLoopPromise<Bool>] = []
  }

  private let state = Mutex(State())
  private let connectionsMax: Int

  init(connectionsMax: Int) { self.connectionsMax = connectionsMax }

  /// False if the server has as many as it takes.
  func add(_ connection: ServerConnection) -> Bool {
    state.withLock { state in
      guard state.connections.count < connectionsMax else { return false }
      state.connections[ObjectIdentifier(connection)] = connection
      return true
    }
  }

  func remove(_ connection: ServerConnection) {
    let waiters = state.withLock { state -> [EventLoopPromise<Bool>] in
      state.connections[ObjectIdentifier(connection)] = nil
      guard state.connections.isEmpty else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    waiters.forEach { $0.succeed(true) }
  }

  var all: [ServerConnection] { state.withLock { Array($0.connections.values) } }

  /// True once there is no connection left, false if that takes longer than `timeout`.
  func waitUntilEmpty(_ timeout: TimeAmount, on loop: any EventLoop) async -> Bool {
    let promise = loop.makePromise(of: Bool.self)
    let isEmpty = state.withLock { state in
      if !state.connections.isEmpty { state.waiters.append(promise) }
      return state.connections.isEmpty
    }
    if isEmpty { promise.succeed(true) }
    let timer = loop.scheduleTask(in: timeout) { promise.succeed(false) }
    defer { timer.cancel() }
    return (try? await promise.futureResult.get()) ?? false
  }
}
