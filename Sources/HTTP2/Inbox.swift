import CNghttp2

/// What nghttp2's callbacks write to, and the session reads after each call into the library.
///
/// Callbacks only record here and return; acting inside them would re-enter nghttp2. Bounded by
/// the input of one ``HTTP2Session/receive``: each frame of nine bytes or more records at most
/// three events.
final class Inbox {
  private var events: [HTTP2Event] = []
  private var nextEvent = 0

  var open = OpenStreams()
  let makeStream: () -> HTTP2Stream
  let isServer: Bool
  let headerListBytesMax: Int

  /// The header section that is arriving. HTTP/2 never interleaves two of them.
  var headerStream: HTTP2Stream?
  var headers = HeaderBlock()
  var headersOversized = false
  var hasUnfinishedHeaders: Bool { headerStream != nil }

  /// Streams that this side reset since the session began, for whatever reason.
  var resetsSent = 0

  /// HEADERS and DATA frames sent since the session began.
  var messageFramesSent = 0

  /// The connection is gone and nghttp2 must not be called any more: the streams it still knows
  /// have been released.
  var isClosed = false

  /// nghttp2's words for the latest fault of the peer.
  var faultText = ""

  private var spares: [[UInt8]] = []

  init(isServer: Bool, headerListBytesMax: Int, makeStream: @escaping () -> HTTP2Stream) {
    self.isServer = isServer
    self.headerListBytesMax = headerListBytesMax
    self.makeStream = makeStream
  }

  func record(_ event: HTTP2Event) { events.append(event) }

  func take() -> HTTP2Event? {
    guard nextEvent < events.count else {
      if nextEvent > 0 {
        events.removeAll(keepingCapacity: nextEvent <= 1024)
        nextEvent = 0
      }
      return nil
    }
    defer { nextEvent += 1 }
    return events[nextEvent]
  }

  // MARK: Header sections

  func beginHeaders(of stream: HTTP2Stream?) {
    headerStream = stream
    headersOversized = false
    headers = HeaderBlock(reusing: takeSpare())
  }

  func appendHeader(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    guard !headersOversized else { return }
    if headers.listBytes + name.count + value.count + 32 > headerListBytesMax {
      headersOversized = true
      headers = HeaderBlock()
    } else {
      headers.append(name: name, value: value)
    }
  }

  func takeHeaders() -> HeaderBlock {
    headerStream = nil
    let block = headers
    headers = HeaderBlock()
    return block
  }

  // MARK: Streams

  func adopt(_ stream: HTTP2Stream) -> UnsafeMutableRawPointer {
    stream.body.adopt(takeSpare())
    return open.insert(stream)
  }

  func close(_ stream: HTTP2Stream, code: HTTP2ErrorCode) {
    if headerStream === stream { headerStream = nil }
    open.remove(stream, code: code)
    keepSpare(stream.body.takeStorage())
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
