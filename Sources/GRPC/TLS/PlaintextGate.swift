import HTTP2
import NIOCore

/// Stands before TLS until the peer has said something. HTTP/1.x without TLS is told so in its own
/// words and cut, which TLS would do in words that no such client reads; all else is for TLS.
final class PlaintextGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard unwrapInboundIn(data).withUnsafeReadableBytes(HTTP1.isRequest) else {
      context.fireChannelRead(data)
      return context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
    let answer = ByteBuffer(bytes: HTTPRefusal.http1WithoutTLS.bytes)
    context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    context.fireErrorCaught(TLSError.plainHTTP)
    context.close(promise: nil)
  }
}
