import NIOCore
import NIOSSL
import NIOTLS

/// Stands between TLS and HTTP/2 until the handshake is over. It lets ALPN "h2" through and nothing
/// else (RFC 9113 section 3.2), and then is out of the way. What closes a handshake that takes too
/// long is the connection behind it.
final class TLSGate: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  static let http2 = "h2"

  private let refusal: ByteBuffer?
  private var onEnd: ((Result<PeerIdentity?, any Error>) -> Void)?
  private var isRefusing = false

  /// - Parameters:
  ///   - refusal: what a peer without h2 reads before it is cut; nil for nothing.
  ///   - onEnd: called once, with who the peer proved to be.
  init(
    refusal: ByteBuffer?, onEnd: @escaping (Result<PeerIdentity?, any Error>) -> Void
  ) {
    self.refusal = refusal
    self.onEnd = onEnd
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case TLSUserEvent.handshakeCompleted(let name)? = event as? TLSUserEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    guard name == Self.http2 else {
      isRefusing = true
      end(.failure(TLSError("it does not offer h2 by ALPN")))
      if refusal == nil { context.close(promise: nil) }
      return
    }
    let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
    end(.success(certificate.map(PeerIdentity.init)))
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  /// A peer without h2 is answered once it has said something, so that the answer is not lost.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard isRefusing else { return context.fireChannelRead(data) }
    if let refusal { context.writeAndFlush(wrapOutboundOut(refusal), promise: nil) }
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(.failure(TLSError(handshake: error)))
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(.failure(TLSError("it closed the connection before the handshake was over")))
    context.fireChannelInactive()
  }

  private func end(_ result: Result<PeerIdentity?, any Error>) {
    onEnd?(result)
    onEnd = nil
  }
}
