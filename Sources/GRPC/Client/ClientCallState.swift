import HTTP2
import NIOCore

/// What a call on the client has reached. A value: it decides, the stream acts.
///
/// ```
///   .awaitingHead ── 200, application/grpc ──▶ .receiving ── trailers ──▶ .finished
///        │                                          │                        ▲
///        │ trailers-only, another HTTP status       │ END_STREAM without     │
///        │                                          │ trailers, bad framing  │
///        └──────────────────────────────────────────┴────────────────────────┘
///
///   any state ── deadline, cancellation, RST_STREAM, connection lost ──▶ .finished
/// ```
struct ClientCallState {
  enum Action {
    case nothing
    case deliver(ReceivedMessage)
    /// The call is over; `nil` is OK.
    case finish(RPCError?)
  }

  private enum Phase { case awaitingHead, receiving, finished }

  private var phase = Phase.awaitingHead

  /// How the response's messages are compressed, once its head is there.
  private(set) var encoding = MessageEncoding.identity

  var isAwaitingHead: Bool { phase == .awaitingHead }
  var isFinished: Bool { phase == .finished }

  mutating func receiveHead(_ fields: HeaderBlock, isLast: Bool) -> Action {
    guard phase == .awaitingHead else { return .nothing }
    let head = ResponseHead(fields)
    if let refusal = head.refusal { return finish(refusal) }
    guard !isLast else { return finish(head.status ?? Self.noStatus) }
    encoding = head.encoding
    phase = .receiving
    return .nothing
  }

  func receive(_ message: ReceivedMessage) -> Action {
    phase == .receiving ? .deliver(message) : .nothing
  }

  mutating func receiveTrailers(_ fields: HeaderBlock, isAtBoundary: Bool) -> Action {
    let status = ResponseHead(fields).status ?? Self.noStatus
    if case .success = status, !isAtBoundary { return finish(Self.cutMessage) }
    return finish(status)
  }

  /// The server ended its side without trailers.
  mutating func receiveEnd() -> Action { finish(Self.noStatus) }

  /// The stream is gone (PROTOCOL-HTTP2.md, "Errors").
  ///
  /// - Parameter loss: how the connection ended, if it did.
  mutating func close(_ code: HTTP2ErrorCode, loss: String?) -> Action {
    if let loss { return finish(RPCError(.unavailable, loss)) }
    let status: StatusCode =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internal
      }
    return finish(RPCError(status, "the server reset the call with \(code)"))
  }

  mutating func finish(_ error: RPCError) -> Action { finish(.failure(error)) }

  private mutating func finish(_ status: Result<Void, RPCError>) -> Action {
    guard phase != .finished else { return .nothing }
    phase = .finished
    switch status {
    case .success: return .finish(nil)
    case .failure(let error): return .finish(error)
    }
  }

  private static let cutMessage = RPCError(
    .internal, "the response ended in the middle of a message")

  private static let noStatus = Result<Void, RPCError>.failure(
    RPCError(.internal, "the response ended without a grpc-status"))
}
