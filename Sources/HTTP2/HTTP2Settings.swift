/// What one side of a connection announces and enforces (RFC 9113 section 6.5.2).
package struct HTTP2Settings: Sendable {
  /// Streams the peer may have open at once. A server's bound; a client accepts no streams.
  package var concurrentStreamsMax: UInt32

  /// Bytes the peer may send on one stream before it must wait for ``HTTP2Session/consume``.
  package var streamWindowBytes: UInt32

  /// The same for the connection as a whole, 65,535 or more.
  package var connectionWindowBytes: UInt32

  /// The largest header list accepted, counted as RFC 9113 section 6.5.2 does: names, values and
  /// 32 bytes for each field. What is over it is never stored; the event says `isOversized`.
  package var headerListBytesMax: UInt32

  package init(
    concurrentStreamsMax: UInt32 = 512, streamWindowBytes: UInt32 = 64 * 1024,
    connectionWindowBytes: UInt32 = 1024 * 1024, headerListBytesMax: UInt32 = 8 * 1024
  ) {
    self.concurrentStreamsMax = concurrentStreamsMax
    self.streamWindowBytes = streamWindowBytes
    self.connectionWindowBytes = connectionWindowBytes
    self.headerListBytesMax = headerListBytesMax
  }
}
