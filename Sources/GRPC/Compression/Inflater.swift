import CZlib
import NIOCore

/// Owns one zlib context for inflating, used for one whole message after another.
final class Inflater {
  /// On the heap: zlib keeps a pointer to it.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init() {
    stream.initialize(to: z_stream())
    let code = inflateInit2_(
      stream, MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "inflateInit2: \(code)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The output grows with what is inflated, up to `bytesMax`; one byte more is
  /// RESOURCE_EXHAUSTED. Data that is corrupt, cut or followed by something is INTERNAL.
  func inflate(
    _ input: ByteBuffer, _ encoding: MessageEncoding, bytesMax: Int
  ) throws(RPCError) -> ByteBuffer {
    // 16 over the window size makes zlib expect the gzip format.
    let code = inflateReset2(stream, encoding == .gzip ? MAX_WBITS + 16 : MAX_WBITS)
    precondition(code == Z_OK, "inflateReset2: \(code)")
    let start = min(bytesMax, max(256, min(input.readableBytes * 4, Limits.messageStartBytesMax)))
    var output = ByteBufferAllocator().buffer(capacity: start)
    let outcome = input.withUnsafeReadableBytes { bytes in
      feed(bytes)
      return run(&output, bytesMax)
    }
    switch outcome {
    case .complete: return output
    case .tooLarge:
      throw RPCError(.resourceExhausted, "a message inflates to over the limit of \(bytesMax)")
    case .cut: throw RPCError(.internal, "a compressed message is cut short")
    case .trailing: throw RPCError(.internal, "a compressed message has bytes after its end")
    case .corrupt: throw RPCError(.internal, "a message is not valid \(encoding.name) data")
    }
  }

  private enum Outcome { case complete, tooLarge, cut, trailing, corrupt }

  private func feed(_ bytes: UnsafeRawBufferPointer) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(bytes.count)
  }

  private func run(_ output: inout ByteBuffer, _ bytesMax: Int) -> Outcome {
    while true {
      let room = min(bytesMax - output.readableBytes, max(output.writableBytes, 256))
      let code = room > 0 ? step(&output, room) : probe()
      switch code {
      case Z_STREAM_END: return stream.pointee.avail_in == 0 ? .complete : .trailing
      case Z_OK where stream.pointee.avail_out == 0:
        guard room > 0 else { return .tooLarge }
        let size = min(bytesMax, output.readableBytes * 2)
        output.reserveCapacity(minimumWritableBytes: size - output.readableBytes)
      case Z_OK, Z_BUF_ERROR: return .cut
      default: return .corrupt
      }
    }
  }

  private func step(_ output: inout ByteBuffer, _ room: Int) -> Int32 {
    var code = Z_OK
    output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
      stream.pointee.next_out = target.assumingMemoryBound(to: UInt8.self).baseAddress
      stream.pointee.avail_out = UInt32(room)
      code = CZlib.inflate(stream, Z_NO_FLUSH)
      return room - Int(stream.pointee.avail_out)
    }
    return code
  }

  /// At the limit: does the data end here, or is there one byte more?
  private func probe() -> Int32 {
    var byte: UInt8 = 0
    return withUnsafeMutablePointer(to: &byte) { target in
      stream.pointee.next_out = target
      stream.pointee.avail_out = 1
      let code = CZlib.inflate(stream, Z_NO_FLUSH)
      // A last byte that also ends the data is one too many as well.
      return code == Z_STREAM_END && stream.pointee.avail_out == 0 ? Z_OK : code
    }
  }
}
