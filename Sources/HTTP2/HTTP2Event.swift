/// What the peer did, in the order it did it.
package enum HTTP2Event {
  /// A request's header section arrived (server), or a response's final one (client).
  case head(HTTP2Stream, HeaderBlock, isLast: Bool)

  /// The header section was over the limit and was not stored.
  case oversizedHead(HTTP2Stream)

  /// Part of a body. The pointer is valid until the input that was given to
  /// ``HTTP2Session/receive`` goes away. Each byte must be given back through
  /// ``HTTP2Session/consume``.
  case data(HTTP2Stream, UnsafeRawBufferPointer)

  /// The peer ended its side with a DATA frame.
  case end(HTTP2Stream)

  /// The peer ended its side with trailers.
  case trailers(HTTP2Stream, HeaderBlock)

  /// The stream's body fell to its ``HTTP2Stream/drainedMark``.
  case drained(HTTP2Stream)

  /// The stream is gone, for the reason in ``HTTP2Stream/closed``; its last event.
  case closed(HTTP2Stream)

  /// The peer will open (or accept) no more streams above `lastStreamID`.
  case goAway(lastStreamID: Int32, HTTP2ErrorCode, debugData: String)

  /// SETTINGS, which costs us an answer.
  case controlFrame

  /// PING, which nghttp2 has answered.
  case ping

  /// The peer has spent another ``HTTP2Session/overheadPerEvent`` of frames that brought nothing.
  case overhead

  /// The answer to our ``HTTP2Session/ping``.
  case pong
}
