import HTTP2
package import NIOCore

/// Every fixed bound of this target. Those that an operator may set are fields of
/// ``ServerLimits`` and ``ClientLimits`` below.
enum Limits {
  /// Bytes of one stream that wait to be sent before its writer is suspended, and the level at
  /// which it goes on.
  static let outboundHighMarkBytes = 64 * 1024
  static let outboundLowMarkBytes = 32 * 1024

  /// Bytes of whole messages that wait for their reader before the peer's window is left to close.
  /// What can be held for one stream: this, its HTTP/2 window, and one message.
  static let inboundMarkBytes = 64 * 1024

  /// Bytes taken from nghttp2 for one write, and writes in one turn before other connections of
  /// the loop have theirs.
  static let writeBytesMax = 256 * 1024
  static let writesPerTurnMax = 4

  /// NIO's own buffer: above the high mark the connection stops pulling from nghttp2.
  static let channelHighMarkBytes = 512 * 1024
  static let channelLowMarkBytes = 128 * 1024

  /// A message's buffer starts with at most this much and grows with what arrives: a length prefix
  /// is only a claim.
  static let messageStartBytesMax = 64 * 1024

  /// Smaller messages are sent as they are: compressing them saves no packet.
  static let compressedMessageBytesMin = 1024

  /// `grpc-message` before percent-encoding, and `grpc-status-details-bin` before base64. Common
  /// clients accept 8 KiB of headers.
  static let statusMessageBytesMax = 1024
  static let statusDetailsBytesMax = 4 * 1024

  /// PING and SETTINGS frames of the peer, while we have nothing else to send it.
  static let controlFrames = RateLimit(burst: 1_000, perSecond: 100)

  /// Streams that a peer makes us reset (CVE-2025-8671, MadeYouReset).
  static let resetsSent = RateLimit(burst: 1_000, perSecond: 100)

  /// Between the two GOAWAYs of a graceful end when the peer does not answer our PING.
  static let shutdownNotice = TimeAmount.seconds(1)

  /// How long a cancelled handler may take to notice while the server stops.
  static let cancelledHandlerGrace = TimeAmount.seconds(5)

  /// How often a connection's timeouts are looked at, and so how late they may be.
  static let watchInterval = TimeAmount.seconds(1)
}

/// What a server accepts. The defaults suit a gateway on an untrusted network.
package struct ServerLimits: Sendable {
  /// Connections over this are closed as they are accepted.
  package var connectionsMax = 4_096

  /// Streams of one connection (SETTINGS_MAX_CONCURRENT_STREAMS). Twice as many handlers may run
  /// on it, since a cancelled one takes its time; streams over that are refused.
  package var concurrentStreamsMax = 512

  /// A request's headers (SETTINGS_MAX_HEADER_LIST_SIZE); over it the answer is 431.
  package var headerListBytesMax = 8 * 1024

  /// One request message; over it the call ends with RESOURCE_EXHAUSTED.
  package var messageBytesMax = 4 * 1024 * 1024

  /// What responses are compressed with, for clients that accept it. Off by default: it costs more
  /// CPU than all the rest of a call.
  package var responseEncoding = MessageEncoding.identity

  /// From the accept to the client's first SETTINGS frame.
  package var handshakeTimeout = TimeAmount.seconds(10)

  /// From the first to the last frame of a header section.
  package var headersTimeout = TimeAmount.seconds(10)

  /// Without a stream; then the connection is ended gracefully.
  package var idleTimeout = TimeAmount.minutes(15)

  /// With a full socket that the client does not read; then the connection is cut. A client that
  /// reads but keeps a stream's window closed holds that stream only, up to its deadline.
  package var stalledTimeout = TimeAmount.seconds(60)

  package init() {}
}

/// What a client accepts and waits for.
package struct ClientLimits: Sendable {
  /// One response message; over it the call ends with RESOURCE_EXHAUSTED.
  package var messageBytesMax = 4 * 1024 * 1024

  /// What requests are compressed with. Off by default: a server need not know it.
  package var requestEncoding = MessageEncoding.identity

  /// A response's headers.
  package var headerListBytesMax = 64 * 1024

  /// Calls at once; more fail with RESOURCE_EXHAUSTED. Those over the server's own bound wait.
  package var concurrentCallsMax = 10_000

  package var connectTimeout = TimeAmount.seconds(10)

  package init() {}
}
