internal import EventCore
internal import Messages
internal import NIOCore

extension WireMessage {
  init(unpacking bytes: ByteBuffer, from sender: Sender) throws(GatewayError) {
    let result: Result<Self, GatewayError> = bytes.withUnsafeReadableBytes { bytes in
      Result { () throws(GatewayError) in try Self(unpacking: bytes, from: sender) }
    }
    self = try result.get()
  }

  /// The packed message as a server sends it, in a buffer of exactly its size.
  var buffer: ByteBuffer { buffer(as: .server) }

  func buffer(as sender: Sender) -> ByteBuffer {
    var buffer = ByteBuffer()
    pack(as: sender) { size, write in
      buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) {
        write($0)
        return size
      }
    }
    return buffer
  }
}
