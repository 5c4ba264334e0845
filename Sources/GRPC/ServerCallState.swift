import NIOCore

/// What a call on the server has reached, and what must happen next. A value: it decides, the
/// stream acts.
///
/// ```
///   .receiving ──────────────── END_STREAM ─────────────▶ .responding
///       │                                                      │
///       │ bad framing, a second message, deadline              │ the handler returned or threw,
///       │                                                      │ deadline
///       ▼                                                      ▼
///   .finished ◀────────────────────────────────────────────────┘
///
///   any state ── RST_STREAM, connection lost ──▶ .closed
/// ```
///
/// In `.finished` the status has been queued; more requests are dropped, and a handler that still
/// runs is cancelled. In `.closed` nothing can be sent either.
struct ServerCallState {
  /// How many request messages the method takes.
  enum Requests { case one, many }

  /// What to do about a step.
  enum Action {
    case nothing
    /// Run the handler: with the only message, or without one for a stream of them.
    case start(ReceivedMessage?)
    case deliver(ReceivedMessage)
    case endRequests
    case fail(RPCError)
  }

  private enum Phase { case receiving, responding, finished, closed }

  private let requests: Requests
  private var phase = Phase.receiving

  /// The message of a `.one` method. It waits for END_STREAM, since a second one is an error.
  private var held: ReceivedMessage?

  init(_ requests: Requests) { self.requests = requests }

  /// The head was accepted.
  func begin() -> Action {
    switch requests {
    case .one: .nothing
    case .many: .start(nil)
    }
  }

  mutating func receive(_ message: ReceivedMessage) -> Action {
    guard phase == .receiving else { return .nothing }
    switch requests {
    case .many: return .deliver(message)
    case .one where held == nil:
      held = message
      return .nothing
    case .one:
      return .fail(RPCError(.internal, "a second message on a call that takes one"))
    }
  }

  /// The client ended its side. `isAtBoundary` is false inside a message.
  mutating func receiveEnd(isAtBoundary: Bool) -> Action {
    guard phase == .receiving else { return .nothing }
    guard isAtBoundary else {
      return .fail(RPCError(.internal, "the request ended in the middle of a message"))
    }
    switch requests {
    case .many:
      phase = .responding
      return .endRequests
    case .one:
      guard let message = held.take() else {
        return .fail(RPCError(.internal, "the request ended without a message"))
      }
      phase = .responding
      return .start(message)
    }
  }

  /// Of a message that waits for END_STREAM.
  var heldBytes: Int { held?.bytes.readableBytes ?? 0 }

  /// The handler cannot begin before the client has sent more.
  var isAwaitingMessage: Bool { requests == .one && phase == .receiving }

  /// Whether the handler may still send messages.
  var canRespond: Bool { phase == .receiving || phase == .responding }

  /// The status is decided; false if it was before, or if nobody is there to hear it.
  mutating func finish() -> Bool {
    guard canRespond else { return false }
    phase = .finished
    held = nil
    return true
  }

  mutating func close() {
    phase = .closed
    held = nil
  }
}
