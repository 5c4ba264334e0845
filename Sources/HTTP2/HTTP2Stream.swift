/// One stream of a session: what HTTP/2 knows of it. The layer above subclasses it to keep its own
/// state in the same object, so that a call costs one allocation here.
///
/// Owned by nghttp2 through one retain, from the moment the stream exists to its close. Confined
/// to the thread of its session.
///
/// `open` since Swift has no subclassing within a package only; the initializer keeps others out.
open class HTTP2Stream {
  /// 0 until the stream has been adopted by a session.
  @exclusivity(unchecked) package final fileprivate(set) var id: Int32 = 0

  /// Bytes to send. Call ``HTTP2Session/resume`` after adding some.
  @exclusivity(unchecked) package final var body = OutboundBody()

  /// Asks for one ``HTTP2Event/drained`` when ``body`` has at most this many bytes left.
  @exclusivity(unchecked) package final var drainedMark: Int?

  /// Why the stream closed; nil while it is open. Nothing may be submitted on a closed stream.
  @exclusivity(unchecked) package final fileprivate(set) var closed: HTTP2ErrorCode?

  /// The peer has ended its side.
  @exclusivity(unchecked) package final var isRemoteEnded = false

  /// A request's HEADERS frame has left the session; not kept for responses.
  @exclusivity(unchecked) package final var isRequestSent = false

  /// Bytes of the body as the inbox has counted them.
  @exclusivity(unchecked) final var countedBytes = 0

  /// Its place in the inbox's list of open streams.
  @exclusivity(unchecked) final fileprivate(set) var position = 0

  package init() {}

  /// Makes a closed stream of a client ready to be submitted once more, as another stream. Its body
  /// is as it was if its head was never sent, and is the caller's business otherwise.
  package final func reopen() {
    id = 0
    closed = nil
    isRemoteEnded = false
    isRequestSent = false
    body.isDeferred = false
  }
}

/// The open streams of a session, each retained once.
struct OpenStreams {
  private var streams: [Unmanaged<HTTP2Stream>] = []

  var count: Int { streams.count }

  /// Retains `stream` until ``remove``; returns the pointer that nghttp2 carries for us.
  mutating func insert(_ stream: HTTP2Stream) -> UnsafeMutableRawPointer {
    let reference = Unmanaged.passRetained(stream)
    stream.position = streams.count
    streams.append(reference)
    return reference.toOpaque()
  }

  func assign(_ id: Int32, to stream: HTTP2Stream) { stream.id = id }

  /// Takes the stream out, marked closed. Constant time: the last one moves into its place.
  mutating func remove(_ stream: HTTP2Stream, code: HTTP2ErrorCode) {
    stream.closed = code
    let last = streams.removeLast()
    if stream.position < streams.count {
      streams[stream.position] = last
      last._withUnsafeGuaranteedRef { $0.position = stream.position }
    }
    Unmanaged.passUnretained(stream).release()
  }

  /// Takes any one stream out; for the end of a session.
  mutating func popLast(code: HTTP2ErrorCode) -> HTTP2Stream? {
    guard let stream = streams.popLast()?.takeRetainedValue() else { return nil }
    stream.closed = code
    return stream
  }

  func forEach(_ body: (HTTP2Stream) -> Void) {
    // By index and re-checked: `body` may end streams.
    var index = 0
    while index < streams.count {
      body(streams[index].takeUnretainedValue())
      index += 1
    }
  }
}
