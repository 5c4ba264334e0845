import NIOCore

/// Messages that arrived on a stream and wait for their reader, and how they end.
///
/// It decides when the peer may send more: while more than ``Limits/inboundMarkBytes`` wait,
/// received bytes are withheld from the stream's window, until the reader has caught up.
struct InboundMessages {
  enum Next: Sendable {
    case message(ReceivedMessage)
    case end
    case failed(RPCError)
    case nothingYet
  }

  private var messages: [ReceivedMessage] = []
  private var head = 0
  /// Of whole messages.
  private(set) var waitingBytes = 0
  private var withheldBytes = 0
  private var ending: Next?

  /// Accounts for `count` bytes of DATA; returns how many the peer may send in their place now.
  mutating func receive(_ count: Int) -> Int {
    guard waitingBytes > Limits.inboundMarkBytes else { return count }
    withheldBytes += count
    return 0
  }

  mutating func append(_ message: ReceivedMessage) {
    guard ending == nil else { return }
    messages.append(message)
    waitingBytes += message.bytes.readableBytes + Limits.messageOverheadBytes
  }

  /// No more will come; what waits can still be read. The first ending counts.
  mutating func finish(_ error: RPCError?) {
    guard ending == nil else { return }
    ending = error.map { .failed($0) } ?? .end
  }

  /// The same, at once: what waits is dropped, and a good ending before it as well.
  mutating func abandon(_ error: RPCError) {
    guard head < messages.count || ending == nil else { return }
    messages = []
    head = 0
    waitingBytes = 0
    ending = .failed(error)
  }

  /// Something to return at once?
  var isReady: Bool { head < messages.count || ending != nil }

  mutating func next() -> Next {
    guard head < messages.count else { return ending ?? .nothingYet }
    let message = messages[head]
    messages[head] = ReceivedMessage(ByteBuffer())
    head += 1
    waitingBytes -= message.bytes.readableBytes + Limits.messageOverheadBytes
    if head == messages.count {
      messages.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 64, head > messages.count / 2 {
      messages.removeSubrange(0..<head)
      head = 0
    }
    return .message(message)
  }

  /// The peer's window is left to close.
  var isHolding: Bool { withheldBytes > 0 }

  /// The bytes to give back to the stream's window after a read.
  mutating func takeReleasedBytes() -> Int {
    guard withheldBytes > 0, waitingBytes <= Limits.inboundMarkBytes else { return 0 }
    defer { withheldBytes = 0 }
    return withheldBytes
  }
}
