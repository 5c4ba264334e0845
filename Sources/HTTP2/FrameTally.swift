import CNghttp2

/// Follows the frames of the input by their heads alone (RFC 9113 section 4.1): how many there were,
/// what they cost, and whether the input ends inside one.
///
/// nghttp2 cannot say: its begin-frame callback is silent for frames of unknown types, which a peer
/// may send as many of as it likes, and nothing tells that part of a frame's head has arrived.
struct FrameTally {
  /// Frames whose head is complete.
  private(set) var framesBegun = 0

  /// A header section has begun whose last frame has not.
  private(set) var expectsContinuation = false

  /// Bytes to skip: of the client's preface at first, then of payloads.
  private var payloadLeft: Int

  /// The part of a frame's head that has arrived, most significant byte first: length, type, flags.
  private var head: UInt64 = 0
  private var headCount = 0

  private static let headBytes = 9

  /// The client preface is skipped as well (section 3.4).
  init(isServer: Bool) { payloadLeft = isServer ? 24 : 0 }

  /// The last byte taken was not the last of a frame.
  var isInsideFrame: Bool { payloadLeft > 0 || headCount > 0 }

  /// Takes all of `input`; returns what its frames cost, see ``Limits/overheadPerEvent``.
  mutating func take(_ input: UnsafeRawBufferPointer) -> Int {
    var offset = 0
    var cost = 0
    while offset < input.count {
      if payloadLeft > 0 {
        let skipped = min(payloadLeft, input.count - offset)
        payloadLeft -= skipped
        offset += skipped
      } else {
        takeHeadByte(input[offset])
        offset += 1
        if headCount == Self.headBytes { cost += begin() }
      }
    }
    return cost
  }

  /// The stream id, the last four bytes, does not matter here.
  private mutating func takeHeadByte(_ byte: UInt8) {
    if headCount < 5 { head = head << 8 | UInt64(byte) }
    headCount += 1
  }

  private mutating func begin() -> Int {
    let length = Int(head >> 16)
    let type = UInt32(head >> 8 & 0xFF)
    let flags = UInt32(head & 0xFF)
    framesBegun &+= 1
    payloadLeft = length
    head = 0
    headCount = 0
    if type == NGHTTP2_DATA.rawValue { return length < Limits.usefulDataBytes ? 1 : 0 }
    if type == NGHTTP2_HEADERS.rawValue || type == NGHTTP2_CONTINUATION.rawValue {
      expectsContinuation = flags & UInt32(NGHTTP2_FLAG_END_HEADERS.rawValue) == 0
    }
    return 1
  }
}
