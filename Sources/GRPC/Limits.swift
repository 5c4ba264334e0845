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

  /// Bytes given to nghttp2 at once; a read may bring more, with TLS above all. What they cost is
  /// looked at before it gets the next, and a flood is told of by our rules and not by its own.
  static let receiveBytesMax = 64 * 1024

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

  /// What a waiting message costs beside its bytes: an empty one is not free.
  static let messageOverheadBytes = 128

  /// SETTINGS frames of the peer, while we have nothing else to send it.
  static let controlFrames = RateLimit(burst: 1_000, perSecond: 100)

  /// Thousands of frames that bring nothing (CVE-2019-9511 to 9518): floods of PING, SETTINGS,
  /// PRIORITY, RST_STREAM, WINDOW_UPDATE, empty or tiny DATA. Useful frames pay for them first; see
  /// ``HTTP2Session/overheadPerEvent``. Go and nghttp2 allow about 10,000 as well.
  static let overhead = RateLimit(burst: 10, perSecond: 1)

  /// Streams that a peer resets (CVE-2023-44487, rapid reset), and those that it makes us reset
  /// (CVE-2025-8671, MadeYouReset), each. A client that cancels all its calls at once does so up to
  /// ``ServerLimits/concurrentStreamsMax`` times.
  static let resetsBurst: Int64 = 1_000
  static let resets = RateLimit(burst: resetsBurst, perSecond: 100)

  /// Between the two GOAWAYs of a graceful end when the peer does not answer our PING.
  static let shutdownNotice = TimeAmount.seconds(1)

  /// How long a cancelled handler may take to notice while the server stops.
  static let cancelledHandlerGrace = TimeAmount.seconds(5)

  /// What an open call costs beside its messages: its stream, task and handler. Measured with a
  /// Watch that waits: 6 to 13 KiB.
  static let callBytes = 8 * 1024

  /// What the calls of a connection may hold even when ``ServerLimits/heldBytesMax`` is used up.
  static let connectionShareBytes = 128 * 1024

  /// A connection's memory is told to the server in steps of this much.
  static let memoryStepBytes = 64 * 1024

  /// How long a client may keep its windows closed while that memory is used up.
  static let stalledTimeoutWhenShort = TimeAmount.seconds(5)

  /// Of all streams together, while nothing at all can be sent for the stalled timeout: a client
  /// that keeps every window closed is cut then. Less than this may wait for a slow reader.
  static let stuckBytesMin = 256 * 1024

  /// Between two tries to accept when there are no descriptors or no memory left for it.
  static let acceptPause = TimeAmount.milliseconds(250)

  /// How long a closed connection waits for the peer's close_notify. Many never send one, and HTTP/2
  /// says by itself where a message ends.
  static let tlsShutdownTimeout = TimeAmount.milliseconds(250)

  /// Log lines of refused connections.
  static let refusalLog = RateLimit(burst: 10, perSecond: 1)

  /// Of a Unix domain socket (`sun_path`, less its end).
  static let socketPathBytesMax = 107

  /// How long a client waits for one address before it tries the next beside it (RFC 8305's default
  /// Connection Attempt Delay).
  static let slowConnect = TimeAmount.milliseconds(250)

  /// How often a client's call that no server has acted on is made again; connections that end as
  /// soon as they are there must not keep it going for ever.
  static let transparentRetriesMax = 5

  /// How often a connection's timeouts are looked at, and so how late they may be.
  static let watchInterval = TimeAmount.seconds(1)
}

/// What a server accepts. The defaults suit a gateway on an untrusted network.
package struct ServerLimits: Sendable {
  /// Connections over this are closed as they are accepted.
  package var connectionsMax = 4_096

  /// Of one IPv4 address, or one /64 of IPv6, so that one cannot take all there are. Behind a proxy
  /// that speaks TCP to the server all clients have its address.
  package var connectionsPerPeerMax = 1_024

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

  /// From the first to the last byte of a frame. 16 KiB in this time is 550 bytes a second, which
  /// is what Apache's mod_reqtimeout asks of a body.
  package var frameTimeout = TimeAmount.seconds(30)

  /// A request message that has begun must bring so many bytes a second over each such span, and a
  /// call that takes one message must have it and the client's END_STREAM by then; else the call
  /// ends with DEADLINE_EXCEEDED. Apache's mod_reqtimeout asks the same rate of a body. A stream of
  /// messages may pause between two of them for as long as it likes.
  package var messageTimeout = TimeAmount.seconds(30)
  package var messageBytesPerSecondMin = 500

  /// Of one connection: messages that have not arrived in full, that no handler has taken, or that
  /// wait to be sent. The call whose bytes are over it ends with RESOURCE_EXHAUSTED: each of its
  /// streams may hold a message either way, and so a connection could hold 4 GiB.
  package var connectionHeldBytesMax = 64 * 1024 * 1024

  /// The same of all connections, and what their calls cost besides. While it is used up,
  /// connections that hold more than ``Limits/connectionShareBytes`` may hold no more, and those
  /// whose windows stay closed are cut sooner.
  package var heldBytesMax = 512 * 1024 * 1024

  /// Without a byte from the client; then it is sent a PING, and cut if that has no answer within
  /// the timeout. The defaults of gRPC (doc/keepalive.md).
  package var keepaliveTime = TimeAmount.hours(2)
  package var keepaliveTimeout = TimeAmount.seconds(20)

  /// The age at which a connection is ended gracefully, ±10 % so that clients do not come back all
  /// at once, and how long its calls may then go on before it is cut (gRFC A9). Nil is never.
  package var connectionAgeMax: TimeAmount?
  package var connectionAgeGrace: TimeAmount?

  /// PINGs that come faster than this are strikes; each one over `pingStrikesMax` of them ends the
  /// connection with ENHANCE_YOUR_CALM, "too_many_pings" (gRFC A8). What we send forgives them all.
  ///
  /// gRPC's own defaults, 5 minutes and 2 strikes, cut off clients that are merely configured for
  /// another server. 10 s is the least that grpc-go and grpc-java allow their clients, others probe
  /// once a second, and bandwidth probes come in bursts: none of them trips this.
  package var pingIntervalMin = TimeAmount.seconds(1)
  package var pingStrikesMax = 100

  /// Without a stream, unless permitted, PINGs may come every two hours only (gRFC A8).
  package var permitsPingsWithoutStreams = true

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

  /// From the start of an attempt to the server's first SETTINGS frame, TLS included.
  package var connectTimeout = TimeAmount.seconds(10)

  /// From the start of an attempt to connect that failed to the next one, growing from the first to
  /// the last; calls that come meanwhile fail with the reason of the last attempt. The numbers of
  /// gRPC (doc/connection-backoff.md).
  package var backoffInitial = TimeAmount.seconds(1)
  package var backoffMax = TimeAmount.seconds(120)

  /// Without a byte from the server; then it is sent a PING, and the connection is closed if nothing
  /// came within the timeout (doc/keepalive.md). Nil sends none, as gRPC does unless told to: a
  /// server may end the connection of a client that pings more than it permits, and the client then
  /// doubles this time. With keepalive, data that is not acknowledged within the timeout ends the
  /// connection as well (gRFC A18).
  package var keepaliveTime: TimeAmount?
  package var keepaliveTimeout = TimeAmount.seconds(20)

  /// Probes a connection without calls as well.
  package var keepaliveWithoutCalls = false

  package init() {}
}
