import CNghttp2

/// One end of an HTTP/2 connection (RFC 9113), on nghttp2. It does no I/O: bytes from the peer go
/// into ``receive``, what they meant comes out of ``nextEvent``, and what is to be sent comes out
/// of ``nextOutput``.
///
/// It owns the `nghttp2_session`. Everything must be called from one thread. The order of a turn:
/// receive, act on every event, then send until ``nextOutput`` is nil, act on the events of that.
package struct HTTP2Session: ~Copyable {
  package enum Role: Sendable { case client, server }

  let raw: OpaquePointer
  let inbox: Inbox

  /// - Parameter makeStream: makes the object of a stream that the peer opens; it must not
  ///   retain the session's owner, which would be a cycle.
  package init(
    _ role: Role, settings: HTTP2Settings = .init(),
    makeStream: @escaping () -> HTTP2Stream = { HTTP2Stream() }
  ) {
    inbox = Inbox(
      isServer: role == .server, headerListBytesMax: Int(settings.headerListBytesMax),
      makeStream: makeStream)
    // Unretained on purpose: the inbox outlives the nghttp2 session, see deinit.
    let userData = Unmanaged.passUnretained(inbox).toOpaque()
    var session: OpaquePointer?
    let options = Self.options()
    defer { nghttp2_option_del(options) }
    switch role {
    case .client:
      must(
        "session_client_new2",
        nghttp2_session_client_new2(&session, Callbacks.table, userData, options))
    case .server:
      must(
        "session_server_new2",
        nghttp2_session_server_new2(&session, Callbacks.table, userData, options))
    }
    raw = session!
    announce(settings, role)
  }

  deinit {
    // nghttp2_session_del does not report the streams it frees.
    while inbox.open.popLast(code: .cancel) != nil {}
    nghttp2_session_del(raw)
  }

  /// Open streams, those still waiting for the peer's permission included.
  package var openStreamCount: Int { inbox.open.count }

  /// Streams that this side reset so far. A peer can cause them (MadeYouReset, CVE-2025-8671) and
  /// nghttp2 does not limit that; whoever runs the connection must.
  package var resetsSent: Int { inbox.resetsSent }

  /// Streams that the peer reset so far (rapid reset, CVE-2023-44487); nghttp2 limits those as well,
  /// with a code that does not say why.
  package var resetsReceived: Int { inbox.resetsReceived }

  /// HEADERS and DATA frames sent so far: the connection does something useful. DATA frames that a
  /// tiny window cut short don't count.
  package var messageFramesSent: Int { inbox.messageFramesSent }

  /// A header section has begun and its end has not arrived; also one that is ignored because its
  /// stream has closed.
  package var hasUnfinishedHeaders: Bool {
    inbox.headerStream != nil || inbox.tally.expectsContinuation
  }

  /// The last byte received is not the last of a frame, nor of the client's preface.
  package var isInsideFrame: Bool { inbox.tally.isInsideFrame }

  /// Counters for who watches progress.
  package var bytesReceived: Int { inbox.bytesReceived }
  package var framesBegun: Int { inbox.tally.framesBegun }

  /// Bytes of all bodies that wait to be sent.
  package var outboundBytes: Int { inbox.outboundBytes }

  /// Frames that bring nothing, for each ``HTTP2Event/overhead``.
  package static var overheadPerEvent: Int { Limits.overheadPerEvent }

  /// A whole message arrived: the frames that brought it were worth it.
  package func earnMessage() { inbox.earn(Limits.messageEarns) }

  /// nghttp2's words for the latest fault of the peer; empty if it made none.
  package var faultText: String { inbox.faultText }

  /// Nothing more will be read or sent: close the connection.
  package var isFinished: Bool {
    inbox.isClosed
      || nghttp2_session_want_read(raw) == 0 && nghttp2_session_want_write(raw) == 0
  }

  /// Takes bytes from the peer. Follow it with ``nextEvent`` until that is nil, while `input` is
  /// still valid.
  ///
  /// Throws when the connection is beyond use. Protocol errors that HTTP/2 has an answer for do
  /// not throw: the answer (RST_STREAM, GOAWAY) comes out of ``nextOutput``.
  package func receive(_ input: UnsafeRawBufferPointer) throws(HTTP2Error) {
    guard !inbox.isClosed else { return }
    let bytes = input.assumingMemoryBound(to: UInt8.self)
    inbox.bytesReceived &+= input.count
    let readCost = input.count < Limits.usefulDataBytes ? 1 : 0
    inbox.charge(readCost + inbox.tally.take(input))
    let taken = nghttp2_session_mem_recv(raw, bytes.baseAddress, bytes.count)
    guard taken >= 0 else {
      throw HTTP2Error("session_mem_recv", Int32(taken), detail: inbox.faultText)
    }
  }

  package func nextEvent() -> HTTP2Event? { inbox.take() }

  /// The next bytes for the peer, valid until the next call into the session; nil if there are
  /// none now.
  package func nextOutput() throws(HTTP2Error) -> UnsafeRawBufferPointer? {
    guard !inbox.isClosed else { return nil }
    var data: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(raw, &data)
    guard count >= 0 else { throw HTTP2Error("session_mem_send", Int32(count)) }
    return count == 0 ? nil : UnsafeRawBufferPointer(start: data, count: count)
  }

  /// Visits the open streams, in no order. `body` may reset streams, not open any.
  package func forEachOpenStream(_ body: (HTTP2Stream) -> Void) { inbox.open.forEach(body) }

  /// The connection is gone: closes every stream, each with a ``HTTP2Event/closed`` event. From
  /// here on ``receive`` and ``nextOutput`` do nothing.
  package func closeStreams(_ code: HTTP2ErrorCode) {
    inbox.isClosed = true
    inbox.headerStream = nil
    while let stream = inbox.open.popLast(code: code) { inbox.record(.closed(stream)) }
  }
}

extension HTTP2Session {
  /// nghttp2's own defences, all set explicitly. Its HTTP messaging checks stay on.
  private static func options() -> OpaquePointer {
    var raw: OpaquePointer?
    must("option_new", nghttp2_option_new(&raw))
    let options = raw!
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_stream_reset_rate_limit(
      options, Limits.streamResetBurst, Limits.streamResetsPerSecond)
    nghttp2_option_set_max_continuations(options, Limits.continuationsMax)
    nghttp2_option_set_max_settings(options, Limits.settingsEntriesMax)
    nghttp2_option_set_max_outbound_ack(options, Limits.outboundAcknowledgementsMax)
    nghttp2_option_set_max_send_header_block_length(options, Limits.sentHeaderBlockBytesMax)
    return options
  }

  private func announce(_ settings: HTTP2Settings, _ role: Role) {
    func entry(_ id: nghttp2_settings_id, _ value: UInt32) -> nghttp2_settings_entry {
      nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: value)
    }
    var entries = [
      entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.streamWindowBytes),
      entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.headerListBytesMax),
      // RFC 9218 section 2.1: no priority tree, which would cost every stream.
      entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ]
    switch role {
    case .server:
      entries.append(
        entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.concurrentStreamsMax))
    case .client: entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
    }
    must("submit_settings", nghttp2_submit_settings(raw, 0, entries, entries.count))
    must(
      "session_set_local_window_size",
      nghttp2_session_set_local_window_size(raw, 0, 0, Int32(settings.connectionWindowBytes)))
  }
}
