/// Every bound of this target, in one place. Bounds that an operator may want to change are
/// fields of ``HTTP2Settings``; these are the ones nobody should need to.
enum Limits {
  /// RST_STREAM frames a peer may send at once, and then per second, before nghttp2 ends the
  /// connection. It stands behind the layer above, which allows far fewer (CVE-2023-44487, rapid
  /// reset) and says what was wrong, but only after a read.
  static let streamResetBurst: UInt64 = 20_000
  static let streamResetsPerSecond: UInt64 = 2_000

  /// Frames that bring nothing (CVE-2019-9511 to 9518: floods of PING, SETTINGS, PRIORITY,
  /// RST_STREAM, WINDOW_UPDATE and empty DATA; trickled bytes) are paid for by useful ones. Every
  /// frame costs 1 and every read of less than `usefulDataBytes`, a stream that we must reset
  /// `resetCost`; what is left over after `overheadPerEvent` of them is told to the layer above, which
  /// counts in time.
  static let overheadPerEvent = 1_000
  static let resetCost = 5

  /// DATA frames of at least this much cost nothing: they pay for themselves.
  static let usefulDataBytes = 64

  /// What a HEADERS or DATA frame that we send allows the peer in return: a window update each for
  /// stream and connection, a PING, a request. A DATA frame of under `usefulDataBytes` that a tiny
  /// window cut short costs 1 instead (CVE-2019-9511, data dribble).
  static let sentFrameEarns = 8

  /// What a whole message that was received earns, however small: a prefix and a body in frames of
  /// their own.
  static let messageEarns = 4

  /// CONTINUATION frames after one HEADERS frame (CVE-2024-28182).
  static let continuationsMax = 8

  /// A header section over its limit is read on, so that its stream can be answered, up to so many
  /// times the limit; then its stream is reset. nghttp2 checks every byte of every field, and each
  /// byte of an HPACK bomb is a field of 4 KB: 100 KB of it took 200 ms.
  static let headerListFactorMax = 8

  /// Entries of one SETTINGS frame; RFC 9113 defines seven.
  static let settingsEntriesMax = 32

  /// PING and SETTINGS acknowledgements that wait to be sent.
  static let outboundAcknowledgementsMax = 200

  /// The largest header block we try to send, after which the stream is reset.
  static let sentHeaderBlockBytesMax = 64 * 1024

  /// Text that nghttp2 gives for a fault and we keep for the log.
  static let faultTextBytesMax = 256

  /// GOAWAY debug data that we keep or send.
  static let debugDataBytesMax = 256

  /// Slots for events that a session keeps between two reads.
  static let keptEventSlotsMax = 1_024

  /// Byte arrays kept for the next stream, and the largest capacity worth keeping.
  static let spareBuffersMax = 64
  static let spareBufferBytesMax = 4 * 1024
}
