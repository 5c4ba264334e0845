import CZlib
import NIOCore

/// Owns one zlib context for compressing, used for one whole message after another.
final class Deflater {
  /// On the heap: zlib keeps a pointer to it.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init(_ encoding: MessageEncoding) {
    stream.initialize(to: z_stream())
    let code = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
      encoding == .gzip ? MAX_WBITS + 16 : MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "deflateInit2: \(code)")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Nil if `message` does not become smaller.
  func compress(_ message: ByteBuffer) -> ByteBuffer? {
    let room = message.readableBytes - 1
    guard room > 0 else { return nil }
    let code = deflateReset(stream)
    precondition(code == Z_OK, "deflateReset: \(code)")
    var output = ByteBufferAllocator().buffer(capacity: room)
    var isComplete = false
    message.withUnsafeReadableBytes { input in
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
      stream.pointee.avail_in = UInt32(input.count)
      output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
        stream.pointee.next_out = target.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(room)
        isComplete = deflate(stream, Z_FINISH) == Z_STREAM_END
        return room - Int(stream.pointee.avail_out)
      }
    }
    return isComplete ? output : nil
  }
}
