import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOHTTP2

/// Refuses responses that async-http-client 1.37 holds for impossible, and ends the process over: a
/// body or an end without a final head before it, as after a status below 100. Also those that never
/// get to a final head.
final class ResponseCheck: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias InboundOut = HTTPClientResponsePart

  private var hasFinalHead = false
  private var interimHeads = 0
  private var isRefused = false

  enum Refusal: Error, CustomStringConvertible {
    /// The response's parts are in no order that HTTP knows (RFC 9110, section 15.2).
    case outOfOrder
    case tooManyInterimHeads

    var description: String {
      switch self {
      case .outOfOrder: "the response has no valid status"
      case .tooManyInterimHeads:
        "more than \(RuntimeLimits.interimResponsesMax) interim responses came before the final one"
      }
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isRefused else { return }
    switch Self.unwrapInboundIn(data) {
    case .head(let head):
      hasFinalHead = head.status.code >= 200 || head.status == .switchingProtocols
      guard head.status.code >= 100 else { return refuse(.outOfOrder, context) }
      interimHeads = hasFinalHead ? 0 : interimHeads + 1
      guard interimHeads <= RuntimeLimits.interimResponsesMax else {
        return refuse(.tooManyInterimHeads, context)
      }
    case .body:
      guard hasFinalHead else { return refuse(.outOfOrder, context) }
    case .end:
      guard hasFinalHead else { return refuse(.outOfOrder, context) }
      hasFinalHead = false
    }
    context.fireChannelRead(data)
  }

  private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
    isRefused = true
    context.fireErrorCaught(refusal)
    context.close(promise: nil)
  }
}

extension HTTPClient.Configuration {
  /// Puts a `ResponseCheck` between HTTP and the client on every connection. The client calls the
  /// hooks for debugging; there are no others.
  mutating func checkResponses() {
    http1_1ConnectionDebugInitializer = { channel in
      channel.checkResponses(after: ByteToMessageHandler<HTTPResponseDecoder>.self)
    }
    http2StreamChannelDebugInitializer = { channel in
      channel.checkResponses(after: HTTP2FramePayloadToHTTP1ClientCodec.self)
    }
  }
}

extension Channel {
  fileprivate func checkResponses<Codec: ChannelHandler & SendableMetatype>(
    after _: Codec.Type
  ) -> EventLoopFuture<Void> {
    eventLoop.submit {
      let pipeline = self.pipeline.syncOperations
      let codec = try pipeline.handler(type: Codec.self)
      try pipeline.addHandler(ResponseCheck(), position: .after(codec))
    }
  }
}
