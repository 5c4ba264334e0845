import CNghttp2

/// What nghttp2's callbacks write to, and the session reads after each call into the library.
///
/// Callbacks only record here and return; acting inside them would re-enter nghttp2. Bounded by
/// the input of one ``HTTP2Session/receive``: each frame of nine bytes or more records at most
/// three events.
///
/// Exclusivity is not checked at run time on the properties that every frame touches: each access
/// is a plain load or store by the one thread that owns the session. Before, the checks here and in
/// the layer above were 12 % of a unary call's profile.
final class Inbox {
  @exclusivity(unchecked) private var events = EventQueue()
  @exclusivity(unchecked) var open = OpenStreams()
  let makeStream: () -> HTTP2Stream
  let isServer: Bool

  /// The header section that is arriving and whose it is.
  @exclusivity(unchecked) var headers: HeaderScratch
  @exclusivity(unchecked) var headerStream: HTTP2Stream?

  /// Streams that this side reset since the session began, for whatever reason.
  @exclusivity(unchecked) var resetsSent = 0

  /// Streams that the peer reset.
  @exclusivity(unchecked) var resetsReceived = 0

  /// HEADERS and DATA frames sent since the session began; see ``HTTP2Session/messageFramesSent``.
  @exclusivity(unchecked) var messageFramesSent = 0

  /// Bytes of all bodies that wait to be sent.
  @exclusivity(unchecked) private(set) var outboundBytes = 0

  @exclusivity(unchecked) var tally: FrameTally
  @exclusivity(unchecked) var bytesReceived = 0

  /// What the peer may still cost before the layer above hears of it.
  @exclusivity(unchecked) private var overheadLeft = Limits.overheadPerEvent

  /// The connection is gone and nghttp2 must not be called any more: the streams it still knows
  /// have been released.
  @exclusivity(unchecked) var isClosed = false

  /// nghttp2's words for the latest fault of the peer.
  var faultText = ""

  @exclusivity(unchecked) private var spares: [[UInt8]] = []

  init(isServer: Bool, headerListBytesMax: Int, makeStream: @escaping () -> HTTP2Stream) {
    self.isServer = isServer
    tally = FrameTally(isServer: isServer)
    headers = HeaderScratch(listBytesMax: headerListBytesMax)
    self.makeStream = makeStream
  }

  func record(_ event: consuming HTTP2Event) { events.append(event) }

  func take() -> HTTP2Event? { events.popFirst() }

  // MARK: Accounts

  func charge(_ cost: Int) {
    overheadLeft -= cost
    // One read may bring thousands of frames.
    while overheadLeft < 0 {
      overheadLeft += Limits.overheadPerEvent
      record(.overhead)
    }
  }

  func earn(_ gain: Int) { overheadLeft = min(overheadLeft + gain, Limits.overheadPerEvent) }

  /// To be called when the body has grown or shrunk.
  func countBody(of stream: HTTP2Stream) {
    let count = stream.body.count
    outboundBytes += count - stream.countedBytes
    stream.countedBytes = count
  }

  // MARK: Streams

  func adopt(_ stream: HTTP2Stream) -> UnsafeMutableRawPointer {
    stream.body.adopt(takeSpare())
    return open.insert(stream)
  }

  func close(_ stream: HTTP2Stream, code: HTTP2ErrorCode) {
    if headerStream === stream { headerStream = nil }
    open.remove(stream, code: code)
    outboundBytes -= stream.countedBytes
    stream.countedBytes = 0
    // A request that was never sent may be sent elsewhere.
    if isServer || stream.isRequestSent { keepSpare(stream.body.takeStorage()) }
    record(.closed(stream))
  }

  // MARK: Spare arrays

  func keepSpare(_ storage: consuming [UInt8]) {
    let size = storage.capacity
    guard size > 0, size <= Limits.spareBufferBytesMax, spares.count < Limits.spareBuffersMax
    else { return }
    var spare = storage
    spare.removeAll(keepingCapacity: true)
    spares.append(spare)
  }

  private func takeSpare() -> [UInt8] { spares.popLast() ?? [] }
}
