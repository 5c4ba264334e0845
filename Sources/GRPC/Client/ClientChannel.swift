import Logging
import NIOCore

/// A client's addresses, and the calls that wait for one of them. It connects when a call comes, and
/// gives each call a connection by the client's ``GRPCClient/Balancing``. Confined to its loop.
final class ClientChannel: @unchecked Sendable {
  let configuration: GRPCClient.Configuration
  let loop: any EventLoop
  let logger: Logger

  private var subchannels: [Subchannel] = []
  private var waiting = WaitingCalls()
  private var rotation = 0
  private var isShutDown = false
  private var isPlacing = false
  private var hasChanged = false

  private enum Pick {
    case connection(ClientConnection)
    case wait
    case failure(RPCError)
  }

  init(_ configuration: GRPCClient.Configuration, loop: any EventLoop, logger: Logger) {
    self.configuration = configuration
    self.loop = loop
    self.logger = logger
    subchannels = configuration.endpoints.map { Subchannel($0, of: self) }
  }

  /// Calls that have a connection.
  var openStreams: Int { subchannels.reduce(0) { $0 + $1.openStreams } }

  // MARK: Calls

  /// Takes a new call in.
  func start(_ call: ClientStream) {
    guard openStreams + waiting.count < configuration.limits.concurrentCallsMax else {
      return call.fail(RPCError(.resourceExhausted, "the client has too many calls open"))
    }
    place(call)
  }

  /// Starts the call on a connection, or has it wait for one, or fails it.
  func place(_ call: ClientStream) {
    guard !call.isFinished else { return }
    guard !isShutDown else {
      return call.fail(RPCError(.unavailable, "the client is closed"))
    }
    while true {
      switch pick() {
      case .connection(let connection):
        if call.start(on: connection) { return }
        // Its stream identifiers are used up (RFC 9113 section 5.1.1): this picks another.
        connection.endGracefully()
      case .failure(let error) where !call.waitsForReady: return call.fail(error)
      case .wait, .failure:
        return waiting.append(call)
      }
    }
  }

  /// A call that waited has ended.
  func waitingCallEnded() { waiting.callEnded() }

  /// An address has another state.
  func changed() {
    hasChanged = true
    // Placing calls changes states as well.
    guard !isPlacing else { return }
    isPlacing = true
    defer { isPlacing = false }
    while hasChanged {
      hasChanged = false
      for call in waiting.takeAll() { place(call) }
    }
  }

  /// `subchannel` has become ready.
  func changed(to subchannel: Subchannel) {
    if configuration.balancing == .pickFirst {
      for other in subchannels where other !== subchannel { other.release() }
    }
    changed()
  }

  // MARK: Balancing

  private func pick() -> Pick {
    switch configuration.balancing {
    case .pickFirst: pickFirst()
    case .roundRobin: pickInTurn()
    }
  }

  /// The first that is ready; else addresses are tried in order, the next as soon as one has failed
  /// or is slow (RFC 8305 section 5, gRFC A61).
  private func pickFirst() -> Pick {
    var isConnecting = false
    for subchannel in subchannels {
      if case .ready(let connection) = subchannel.state { return .connection(connection) }
    }
    for subchannel in subchannels {
      switch subchannel.state {
      case .connecting(_, isSlow: false): return .wait
      case .connecting: isConnecting = true
      case .idle:
        subchannel.connect()
        return .wait
      case .ready, .failed: break
      }
    }
    return isConnecting ? .wait : .failure(unavailable())
  }

  private func pickInTurn() -> Pick {
    var ready: [ClientConnection] = []
    var isConnecting = false
    for subchannel in subchannels {
      subchannel.connect()
      switch subchannel.state {
      case .ready(let connection): ready.append(connection)
      case .connecting: isConnecting = true
      case .idle, .failed: break
      }
    }
    guard ready.isEmpty else {
      rotation = (rotation + 1) % ready.count
      return .connection(ready[rotation])
    }
    return isConnecting ? .wait : .failure(unavailable())
  }

  private func unavailable() -> RPCError {
    let reasons = subchannels.compactMap { subchannel in
      subchannel.failure.map { "\(subchannel.endpoint): \($0)" }
    }
    return RPCError(.unavailable, "cannot connect to \(reasons.joined(separator: "; "))")
  }

  // MARK: End

  /// Ends every connection; each closes when its last call has ended, or at once if `isImmediate`.
  func shutDown(isImmediate: Bool) -> EventLoopFuture<Void> {
    isShutDown = true
    changed()
    return EventLoopFuture.andAllComplete(
      subchannels.map { $0.shutDown(isImmediate: isImmediate) }, on: loop)
  }
}

/// Calls without a connection, in the order they came. One that ends meanwhile leaves at once for
/// ``count``, and its place when over half of them have.
private struct WaitingCalls {
  private var calls: [ClientStream] = []
  private(set) var count = 0

  mutating func append(_ call: ClientStream) {
    call.beginWaiting()
    calls.append(call)
    count += 1
  }

  mutating func callEnded() {
    count -= 1
    if count * 2 < calls.count { calls.removeAll { $0.isFinished } }
  }

  mutating func takeAll() -> [ClientStream] {
    defer {
      calls = []
      count = 0
    }
    for call in calls { call.endWaiting() }
    return calls
  }
}
