import EventCore
import GRPC
import Logging
import NIOCore
import Synchronization

/// How long channels without a call are kept, and how many.
package struct GRPCChannelLimits: Sendable {
  package var idleTimeout = RuntimeLimits.idleChannelTimeout
  package var idleMax = RuntimeLimits.idleChannelsMax

  package init() {}
}

/// The channels to the services that implement functions, one for each destination. Those with a call
/// are bounded by the attempts that run; of the others the longest idle are closed when there are too
/// many, and each after a time.
final class GRPCChannels: Sendable {
  fileprivate struct Channel {
    let client: GRPCClient
    var calls = 0
    var idleSince = ContinuousClock.now
  }

  fileprivate struct State {
    var channels: [GRPCDestination: Channel] = [:]
    var idleCount = 0
  }

  private let group: any EventLoopGroup
  private let limits: GRPCChannelLimits
  private let logger: Logger
  private let state = Mutex(State())
  private let sweep: Mutex<RepeatedTask?>

  init(group: any EventLoopGroup, limits: GRPCChannelLimits, logger: Logger) {
    self.group = group
    self.limits = limits
    self.logger = logger
    sweep = Mutex(nil)
    let interval = TimeAmount(limits.idleTimeout / 2)
    let task = group.any().scheduleRepeatedTask(initialDelay: interval, delay: interval) {
      [weak self] _ in self?.closeIdle(at: .now)
    }
    sweep.withLock { $0 = task }
  }

  var count: Int { state.withLock(\.channels.count) }

  /// The channel for a call; `close` is to be called when that has ended.
  func open(_ destination: GRPCDestination) throws(GatewayError) -> GRPCClient {
    if let client = state.withLock({ $0.take(destination) }) { return client }
    // Not under the lock, as it may read the system's certificates. Without a call it has no
    // connection yet: one that another call was faster with needs no closing.
    let new = GRPCClient(try destination.configuration(), group: group, logger: logger)
    return state.withLock { state in
      if let client = state.take(destination) { return client }
      state.channels[destination] = Channel(client: new, calls: 1)
      return new
    }
  }

  /// A call has ended.
  func close(_ destination: GRPCDestination, at now: ContinuousClock.Instant = .now) {
    let surplus = state.withLock { state -> GRPCClient? in
      state.give(destination, at: now)
      return state.idleCount > limits.idleMax ? state.removeLongestIdle() : nil
    }
    if let surplus { end([surplus]) }
  }

  func closeIdle(at now: ContinuousClock.Instant) {
    end(state.withLock { $0.removeIdle(since: now - limits.idleTimeout) })
  }

  /// Closes all, with the calls that they have.
  func close() async {
    sweep.withLock { $0.take() }?.cancel()
    let clients = state.withLock { state in
      defer { state = State() }
      return state.channels.values.map(\.client)
    }
    for client in clients { await client.close() }
  }

  private func end(_ clients: [GRPCClient]) {
    for client in clients { Task { await client.close() } }
  }
}

extension GRPCChannels.State {
  fileprivate mutating func take(_ destination: GRPCDestination) -> GRPCClient? {
    guard let channel = channels[destination] else { return nil }
    if channel.calls == 0 { idleCount -= 1 }
    channels[destination]!.calls += 1
    return channel.client
  }

  fileprivate mutating func give(_ destination: GRPCDestination, at now: ContinuousClock.Instant) {
    guard let calls = channels[destination]?.calls else { return }
    channels[destination]!.calls = calls - 1
    guard calls == 1 else { return }
    channels[destination]!.idleSince = now
    idleCount += 1
  }

  fileprivate mutating func removeLongestIdle() -> GRPCClient? {
    let idle = channels.lazy.filter { $0.value.calls == 0 }
    guard let longest = idle.min(by: { $0.value.idleSince < $1.value.idleSince }) else {
      return nil
    }
    return remove(longest.key)
  }

  fileprivate mutating func removeIdle(since time: ContinuousClock.Instant) -> [GRPCClient] {
    let idle = channels.filter { $0.value.calls == 0 && $0.value.idleSince <= time }
    return idle.keys.compactMap { remove($0) }
  }

  private mutating func remove(_ idle: GRPCDestination) -> GRPCClient? {
    idleCount -= 1
    return channels.removeValue(forKey: idle)?.client
  }
}
