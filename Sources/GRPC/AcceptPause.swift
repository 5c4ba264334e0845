import Logging
import NIOCore

/// Keeps a listener from spinning when there are no descriptors or no memory left to accept with:
/// it stops looking for a while, and clients wait in the backlog. It says once that this began, and
/// once that it is over.
///
/// NIO's AcceptBackoffHandler holds back the next read only; the one that failed stays pending, and
/// with it the readiness that the loop wakes up for.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private let logger: Logger
  private var isTroubled = false

  init(_ logger: Logger) { self.logger = logger }

  /// Only what accepting itself throws comes here: what goes wrong with an accepted connection is
  /// caught by NIO's handler after this one.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !isTroubled {
      logger.error(
        "can't accept connections; trying again until it works",
        metadata: ["reason": "\(ListenError.words(error))"])
    }
    isTroubled = true
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.assumeIsolated().scheduleTask(in: Limits.acceptPause) {
      try? context.channel.syncOptions?.setOption(.autoRead, value: true)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isTroubled { logger.notice("accepting connections again") }
    isTroubled = false
    context.fireChannelRead(data)
  }
}
