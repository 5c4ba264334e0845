import NIOCore

/// A message as it came. It is inflated when its reader takes it and not before: what waits is
/// bounded by what the peer had to send, whatever it would inflate to.
struct ReceivedMessage: Sendable {
  private(set) var bytes: ByteBuffer
  private(set) var encoding: MessageEncoding

  init(_ bytes: ByteBuffer, _ encoding: MessageEncoding = .identity) {
    self.bytes = bytes
    self.encoding = encoding
  }

  /// The message itself; over `bytesMax` it is RESOURCE_EXHAUSTED, and broken it is INTERNAL.
  func inflated(bytesMax: Int) throws(RPCError) -> ByteBuffer {
    guard encoding != .identity else { return bytes }
    return try Codecs.ofThisThread.inflater.inflate(bytes, encoding, bytesMax: bytesMax)
  }
}
