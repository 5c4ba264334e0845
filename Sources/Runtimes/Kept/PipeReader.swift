import NIOCore

/// Hands on what comes out of a pipe.
final class PipeReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let received: @Sendable ([UInt8]) -> Void
  private let closed: @Sendable () -> Void

  init(
    received: @escaping @Sendable ([UInt8]) -> Void, closed: @escaping @Sendable () -> Void
  ) {
    self.received = received
    self.closed = closed
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received(Array(unwrapInboundIn(data).readableBytesView))
  }

  func channelInactive(context: ChannelHandlerContext) {
    closed()
  }
}
