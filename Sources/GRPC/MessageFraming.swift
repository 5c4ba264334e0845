import HTTP2
import NIOCore

/// A message on the wire: a compression flag, a big-endian 32-bit length, and that many bytes
/// (PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
enum MessageFraming {
  static let prefixBytes = 5

  /// Appends `message` with its prefix; compressed, if the call does that and it makes it smaller.
  static func append(
    _ message: ByteBuffer, _ encoding: MessageEncoding = .identity, to body: inout OutboundBody
  ) {
    if encoding != .identity, message.readableBytes >= Limits.compressedMessageBytesMin,
      let compressed = Codecs.ofThisThread.deflater(encoding).compress(message)
    {
      append(compressed, flag: 1, to: &body)
    } else {
      append(message, flag: 0, to: &body)
    }
  }

  private static func append(_ message: ByteBuffer, flag: UInt8, to body: inout OutboundBody) {
    let count = UInt32(message.readableBytes)
    withUnsafeTemporaryAllocation(byteCount: prefixBytes, alignment: 1) { prefix in
      prefix[0] = flag
      prefix.storeBytes(of: count.bigEndian, toByteOffset: 1, as: UInt32.self)
      body.append(UnsafeRawBufferPointer(prefix))
    }
    message.withUnsafeReadableBytes { body.append($0) }
  }
}

/// Cuts the bytes of one direction of a call into messages, whatever the DATA frames they came in.
struct MessageDeframer {
  let messageBytesMax: Int

  /// How messages with the flag are compressed; set before the first byte.
  var encoding = MessageEncoding.identity

  /// The prefix so far, most significant byte first.
  private var prefix: UInt64 = 0
  private var prefixCount = 0

  /// The message that is arriving, once its prefix is complete.
  private var message: ByteBuffer?
  private var missing = 0
  private var isStopped = false

  init(messageBytesMax: Int) { self.messageBytesMax = messageBytesMax }

  /// Bytes of the message that is arriving.
  var heldBytes: Int { message?.readableBytes ?? 0 }

  /// Between two messages, where a stream may end.
  var isAtBoundary: Bool { prefixCount == 0 }

  /// Takes bytes off the front of `input` up to the end of a message and returns that; nil when
  /// `input` is used up. Throws if the peer broke the framing or the limit; nothing can be read
  /// after that.
  mutating func next(
    _ input: inout UnsafeRawBufferPointer
  ) throws(RPCError) -> ReceivedMessage? {
    guard !isStopped else { return nil }
    if prefixCount < MessageFraming.prefixBytes {
      guard takePrefix(&input) else { return nil }
      missing = try checkedLength()
      guard input.count < missing else { return takeWhole(&input) }
    }
    return takePart(&input)
  }

  /// Nobody wants what is still to come; drops what has.
  mutating func stop() {
    isStopped = true
    message = nil
  }

  private mutating func takePrefix(_ input: inout UnsafeRawBufferPointer) -> Bool {
    let count = min(MessageFraming.prefixBytes - prefixCount, input.count)
    for byte in input.prefix(count) { prefix = prefix << 8 | UInt64(byte) }
    prefixCount += count
    input = .init(rebasing: input.dropFirst(count))
    return prefixCount == MessageFraming.prefixBytes
  }

  /// Checks the prefix before a byte of the message is stored.
  private func checkedLength() throws(RPCError) -> Int {
    let flag = prefix >> 32
    let length = Int(prefix & 0xFFFF_FFFF)
    switch flag {
    case 0: break
    case 1 where encoding != .identity: break
    case 1:
      throw RPCError(.internal, "a message is marked compressed but the call has no grpc-encoding")
    default: throw RPCError(.internal, "a message has the compression flag \(flag), not 0 or 1")
    }
    guard length <= messageBytesMax else {
      throw RPCError(
        .resourceExhausted, "a message of \(length) bytes is over the limit of \(messageBytesMax)")
    }
    return length
  }

  private mutating func takeWhole(_ input: inout UnsafeRawBufferPointer) -> ReceivedMessage {
    var whole = ByteBufferAllocator().buffer(capacity: missing)
    whole.writeBytes(UnsafeRawBufferPointer(rebasing: input.prefix(missing)))
    input = .init(rebasing: input.dropFirst(missing))
    defer { startOver() }
    return ReceivedMessage(whole, isCompressed ? encoding : .identity)
  }

  private mutating func takePart(_ input: inout UnsafeRawBufferPointer) -> ReceivedMessage? {
    let count = min(missing, input.count)
    if message == nil {
      message = ByteBufferAllocator().buffer(
        capacity: min(missing, Limits.messageStartBytesMax))
    }
    message!.writeBytes(UnsafeRawBufferPointer(rebasing: input.prefix(count)))
    input = .init(rebasing: input.dropFirst(count))
    missing -= count
    guard missing == 0 else { return nil }
    defer { startOver() }
    return ReceivedMessage(message!, isCompressed ? encoding : .identity)
  }

  private var isCompressed: Bool { prefix >> 32 != 0 }

  private mutating func startOver() {
    prefix = 0
    prefixCount = 0
    message = nil
  }
}
