import HTTP2

/// What a connection's calls hold, and whether they may hold more.
extension ServerConnection {
  /// Of messages that wait, either way.
  var messageBytes: Int { heldBytes + session.outboundBytes }

  /// What its calls hold in all.
  private var memoryBytes: Int {
    messageBytes + max(openStreams, runningHandlers) * Limits.callBytes
      + (fullSince == nil ? 0 : Limits.channelHighMarkBytes)
  }

  /// Tells the server of it, if it is worth it.
  func memoryChanged() {
    if isActive { memory.changed(to: memoryBytes) }
  }

  /// Why its calls may not hold `more` bytes; nil if they may.
  func refusal(ofHolding more: Int) -> RPCError? {
    let limit = limits.connectionHeldBytesMax
    guard messageBytes + more <= limit else {
      return RPCError(
        .resourceExhausted,
        "the messages that wait on this connection are over the limit of \(limit) bytes")
    }
    guard !memory.allows(memoryBytes + more) else { return nil }
    return RPCError(.resourceExhausted, "the server has no memory for more calls like this now")
  }
}
