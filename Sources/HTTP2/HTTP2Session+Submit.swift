import CNghttp2

/// What this side wants to send. Each call only queues; ``HTTP2Session/nextOutput`` sends. Calls
/// for a stream that has closed meanwhile do nothing: the caller learns it from its `closed` event.
extension HTTP2Session {
  /// Opens a stream with a request. Its body follows if `hasBody`.
  ///
  /// Throws with the fault `exhausted` if this connection can open no more streams.
  package func submitRequest(
    _ head: HeaderBlock, on stream: HTTP2Stream, hasBody: Bool
  ) throws(HTTP2Error) {
    guard nghttp2_session_check_request_allowed(raw) != 0 else {
      throw HTTP2Error("submit_request", Int32(NGHTTP2_ERR_START_STREAM_NOT_ALLOWED.rawValue))
    }
    let pointer = inbox.adopt(stream)
    let id = head.withFields { fields, count in
      withBodySource(of: stream) { source in
        nghttp2_submit_request(raw, nil, fields, count, hasBody ? source : nil, pointer)
      }
    }
    guard id >= 0 else {
      inbox.open.remove(stream, code: .refusedStream)
      throw HTTP2Error("submit_request", id)
    }
    inbox.open.assign(id, to: stream)
  }

  /// Answers a request. Without a body the header section ends the stream.
  package func submitResponse(_ head: HeaderBlock, on stream: HTTP2Stream, hasBody: Bool) {
    guard stream.closed == nil else { return }
    head.withFields { fields, count in
      _ = withBodySource(of: stream) { source in
        must(
          "submit_response",
          nghttp2_submit_response(raw, stream.id, fields, count, hasBody ? source : nil))
      }
    }
  }

  /// Sends what was added to the stream's body.
  package func resume(_ stream: HTTP2Stream) {
    guard stream.closed == nil else { return }
    inbox.countBody(of: stream)
    guard stream.body.isDeferred else { return }
    stream.body.isDeferred = false
    // Fails only for a stream that is being reset, whose close event is on its way.
    _ = nghttp2_session_resume_data(raw, stream.id)
  }

  /// Ends a response with `trailers` now, whatever its body still has: HEADERS frames need no
  /// window, so they reach a peer that has closed its own.
  package func cutShort(_ stream: HTTP2Stream, with trailers: HeaderBlock) {
    guard stream.closed == nil else { return }
    stream.body.discardUnsent()
    stream.body.finish()
    inbox.countBody(of: stream)
    _ = trailers.withFields { fields, count in
      must("submit_trailer", nghttp2_submit_trailer(raw, stream.id, fields, count))
    }
  }

  package func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    guard stream.closed == nil else { return }
    must("submit_rst_stream", nghttp2_submit_rst_stream(raw, 0, stream.id, code.rawValue))
  }

  /// Lets the peer send `count` more bytes on the connection. Call it for every byte that arrives,
  /// at once: one slow stream must not hold up the others.
  package func consumeConnection(_ count: Int) {
    must("session_consume_connection", nghttp2_session_consume_connection(raw, count))
  }

  /// Lets the peer send `count` more bytes on the stream; call it as they are used.
  package func consume(_ count: Int, on stream: HTTP2Stream) {
    guard stream.closed == nil, !stream.isRemoteEnded, count > 0 else { return }
    must("session_consume_stream", nghttp2_session_consume_stream(raw, stream.id, count))
  }

  /// The first of two GOAWAYs: no new streams, but those on their way are still served (RFC 9113
  /// section 6.8).
  package func announceShutdown() {
    must("submit_shutdown_notice", nghttp2_submit_shutdown_notice(raw))
  }

  /// The last GOAWAY: streams above the last one seen are refused, open ones go on.
  package func goAway(_ code: HTTP2ErrorCode, debugData: String = "") {
    let last = nghttp2_session_get_last_proc_stream_id(raw)
    let data = Array(debugData.utf8.prefix(Limits.debugDataBytesMax))
    must("submit_goaway", nghttp2_submit_goaway(raw, 0, last, code.rawValue, data, data.count))
  }

  /// Sends GOAWAY and drops every stream and all further input. With `debugData` there are two of
  /// them, since nghttp2's own has none.
  package func terminate(_ code: HTTP2ErrorCode, debugData: String = "") {
    if !debugData.isEmpty { goAway(code, debugData: debugData) }
    must("session_terminate_session", nghttp2_session_terminate_session(raw, code.rawValue))
  }

  /// Asks the peer for a ``HTTP2Event/pong``.
  package func ping() { must("submit_ping", nghttp2_submit_ping(raw, 0, nil)) }

  private func withBodySource(
    of stream: HTTP2Stream, _ body: (UnsafePointer<nghttp2_data_provider>) -> Int32
  ) -> Int32 {
    inbox.countBody(of: stream)
    // Unretained: the stream is retained from its adoption to its close, and nghttp2 asks for
    // data only in between.
    var source = nghttp2_data_provider()
    source.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
    source.read_callback = Callbacks.bodySource
    return body(&source)
  }
}
