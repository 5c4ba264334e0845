/// The bytes that wait to become DATA frames of one stream, and what ends them.
///
/// One flat array: a streamed message costs a copy of its bytes and nothing else. The layer above
/// bounds it by not writing while ``count`` is over its mark.
package struct OutboundBody {
  private var bytes: [UInt8] = []
  private var head = 0
  private(set) var trailers: HeaderBlock?
  package private(set) var isFinished = false

  /// nghttp2 was told that there is nothing to send; it asks again after a resume.
  var isDeferred = false

  package init() {}

  /// Bytes not yet handed to nghttp2.
  package var count: Int { bytes.count - head }

  /// Takes over an empty array for its capacity, if it has none of its own yet.
  mutating func adopt(_ spare: consuming [UInt8]) {
    if bytes.capacity == 0 { bytes = spare }
  }

  package mutating func append(_ chunk: UnsafeRawBufferPointer) {
    precondition(!isFinished, "bytes after the end of a body")
    bytes.append(contentsOf: chunk)
  }

  /// No more bytes will follow. With `trailers`, they end the stream; without, the last DATA frame
  /// does.
  package mutating func finish(trailers: HeaderBlock? = nil) {
    precondition(!isFinished, "a body ends once")
    self.trailers = trailers
    isFinished = true
  }

  /// Drops what was not sent, so that trailers can overtake a peer that has closed its window.
  package mutating func discardUnsent() {
    bytes.removeAll(keepingCapacity: false)
    head = 0
  }

  /// Moves up to `target.count` bytes out.
  mutating func drain(into target: UnsafeMutableRawBufferPointer) -> Int {
    let moved = min(count, target.count)
    guard moved > 0 else { return 0 }
    bytes.withUnsafeBytes {
      target.copyMemory(from: .init(rebasing: $0[head..<head + moved]))
    }
    head += moved
    compact()
    return moved
  }

  /// Gives the storage up for reuse when the stream has closed.
  mutating func takeStorage() -> [UInt8] {
    let storage = bytes
    bytes = []
    head = 0
    return storage
  }

  /// Keeps the array from growing for ever; each byte moves at most once per halving.
  private mutating func compact() {
    if head == bytes.count {
      bytes.removeAll(keepingCapacity: true)
      head = 0
    } else if head > bytes.count / 2, head >= 64 * 1024 {
      bytes.removeSubrange(0..<head)
      head = 0
    }
  }
}
