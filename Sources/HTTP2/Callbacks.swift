import CNghttp2

/// nghttp2's callbacks. They record into the inbox and return; see ``Inbox``.
///
/// The inbox reaches them as the session's user data, unretained: the session owns both and frees
/// nghttp2's half first.
enum Callbacks {
  /// Made once; nghttp2 copies the table into each session.
  nonisolated(unsafe) static let table: OpaquePointer = {
    var table: OpaquePointer?
    must("session_callbacks_new", nghttp2_session_callbacks_new(&table))
    let callbacks = table!
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, onBeginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onHeader)
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, onInvalidHeader)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, onFrame)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, onStreamClose)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, onFrameSent)
    nghttp2_session_callbacks_set_error_callback2(callbacks, onFault)
    return callbacks
  }()

  /// Reads a stream's body for a DATA frame; see ``readBody``.
  static let bodySource: nghttp2_data_source_read_callback = readBody
}

/// A stream's header section was refused; nghttp2 resets the stream.
private let refuseHeader = Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)

/// Borrows the inbox without a retain: the session holds it across every call into nghttp2.
private func withInbox<R>(_ userData: UnsafeMutableRawPointer?, _ body: (Inbox) -> R) -> R {
  Unmanaged<Inbox>.fromOpaque(userData!)._withUnsafeGuaranteedRef(body)
}

private func inbox(_ userData: UnsafeMutableRawPointer?) -> Inbox {
  Unmanaged<Inbox>.fromOpaque(userData!).takeUnretainedValue()
}

private func stream(_ session: OpaquePointer?, _ id: Int32) -> HTTP2Stream? {
  guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return nil }
  return Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
}

private func onBeginHeaders(
  session: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, userData: UnsafeMutableRawPointer?
) -> Int32 {
  let inbox = inbox(userData)
  let id = frame!.pointee.hd.stream_id
  guard frame!.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) else {
    // A push that raced our SETTINGS_ENABLE_PUSH = 0: nobody asked for it.
    inbox.headerStream = nil
    inbox.headers.begin()
    return 0
  }
  if frame!.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
    let stream = inbox.makeStream()
    let pointer = inbox.adopt(stream)
    inbox.open.assign(id, to: stream)
    must("set_stream_user_data", nghttp2_session_set_stream_user_data(session, id, pointer))
    inbox.headerStream = stream
  } else {
    inbox.headerStream = stream(session, id)
  }
  inbox.headers.begin()
  return 0
}

private func onHeader(
  session: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, name: UnsafePointer<UInt8>?,
  nameBytes: Int, value: UnsafePointer<UInt8>?, valueBytes: Int, flags: UInt8,
  userData: UnsafeMutableRawPointer?
) -> Int32 {
  let isBearable = withInbox(userData) {
    $0.headers.append(
      name: UnsafeRawBufferPointer(start: name, count: nameBytes),
      value: UnsafeRawBufferPointer(start: value, count: valueBytes))
  }
  return isBearable ? 0 : refuse(session, frame!.pointee.hd.stream_id, NGHTTP2_ENHANCE_YOUR_CALM)
}

/// Resets a stream within its header section; the rest of that is only decoded, for HPACK's sake.
private func refuse(_ session: OpaquePointer?, _ id: Int32, _ code: nghttp2_error_code) -> Int32 {
  must("submit_rst_stream", nghttp2_submit_rst_stream(session, 0, id, code.rawValue))
  return refuseHeader
}

/// By default nghttp2 skips a field with forbidden bytes; RFC 9113 section 8.2.1 calls the whole
/// message malformed, and a skipped field may be the one that matters.
private func onInvalidHeader(
  session: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, name: UnsafePointer<UInt8>?,
  nameBytes: Int, value: UnsafePointer<UInt8>?, valueBytes: Int, flags: UInt8,
  userData: UnsafeMutableRawPointer?
) -> Int32 {
  refuse(session, frame!.pointee.hd.stream_id, NGHTTP2_PROTOCOL_ERROR)
}

private func onFrame(
  session: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, userData: UnsafeMutableRawPointer?
) -> Int32 {
  let inbox = inbox(userData)
  let head = frame!.pointee.hd
  switch nghttp2_frame_type(UInt32(head.type)) {
  case NGHTTP2_HEADERS:
    onHeadersComplete(inbox, frame!.pointee.headers)
  case NGHTTP2_DATA where isLast(head):
    guard let stream = stream(session, head.stream_id) else { break }
    stream.isRemoteEnded = true
    inbox.record(.end(stream))
  case NGHTTP2_PING:
    inbox.record(head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 ? .ping : .pong)
  case NGHTTP2_SETTINGS where head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
    inbox.record(.controlFrame)
  case NGHTTP2_RST_STREAM where stream(session, head.stream_id) != nil: inbox.resetsReceived += 1
  case NGHTTP2_GOAWAY:
    onGoAway(inbox, frame!.pointee.goaway)
  default: break
  }
  return 0
}

private func isLast(_ head: nghttp2_frame_hd) -> Bool {
  head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
}

private func onHeadersComplete(_ inbox: Inbox, _ frame: nghttp2_headers) {
  guard let stream = inbox.headerStream else { return }
  inbox.headerStream = nil
  let block = inbox.headers.makeBlock()
  if isLast(frame.hd) { stream.isRemoteEnded = true }
  if inbox.headers.isOversized {
    inbox.record(.oversizedHead(stream))
  } else if frame.cat == NGHTTP2_HCAT_HEADERS, isLast(frame.hd) {
    inbox.record(.trailers(stream, block))
  } else if !isInformational(block, inbox) {
    inbox.record(.head(stream, block, isLast: isLast(frame.hd)))
  }
}

/// A 1xx response announces the real one; nothing here needs it (RFC 9110 section 15.2).
private func isInformational(_ block: HeaderBlock, _ inbox: Inbox) -> Bool {
  guard !inbox.isServer else { return false }
  return block[":status"]?.first == "1"
}

private func onGoAway(_ inbox: Inbox, _ frame: nghttp2_goaway) {
  let count = min(frame.opaque_data_len, Limits.debugDataBytesMax)
  let data = UnsafeBufferPointer(start: frame.opaque_data, count: count)
  inbox.record(
    .goAway(
      lastStreamID: frame.last_stream_id, HTTP2ErrorCode(rawValue: frame.error_code),
      debugData: String(decoding: data, as: UTF8.self)))
}

private func onData(
  session: OpaquePointer?, flags: UInt8, id: Int32, data: UnsafePointer<UInt8>?, count: Int,
  userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let stream = stream(session, id) else { return 0 }
  withInbox(userData) {
    $0.record(.data(stream, UnsafeRawBufferPointer(start: data, count: count)))
  }
  return 0
}

private func onStreamClose(
  session: OpaquePointer?, id: Int32, code: UInt32, userData: UnsafeMutableRawPointer?
) -> Int32 {
  guard let stream = stream(session, id) else { return 0 }
  inbox(userData).close(stream, code: HTTP2ErrorCode(rawValue: code))
  return 0
}

private func onFrameSent(
  session: OpaquePointer?, frame: UnsafePointer<nghttp2_frame>?, userData: UnsafeMutableRawPointer?
) -> Int32 {
  let head = frame!.pointee.hd
  let inbox = inbox(userData)
  switch nghttp2_frame_type(UInt32(head.type)) {
  case NGHTTP2_RST_STREAM:
    inbox.resetsSent += 1
    inbox.charge(Limits.resetCost)
  case NGHTTP2_DATA where isCrumb(session, head): inbox.charge(1)
  case NGHTTP2_HEADERS, NGHTTP2_DATA:
    inbox.messageFramesSent += 1
    inbox.earn(Limits.sentFrameEarns)
    if inbox.isServer {
      if isLast(head) { stopRequest(session, head.stream_id) }
    } else if frame!.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) {
      stream(session, head.stream_id)?.isRequestSent = true
    }
  default: break
  }
  return 0
}

/// The peer's window had room for a few bytes and more were there: it dribbles (CVE-2019-9511).
private func isCrumb(_ session: OpaquePointer?, _ head: nghttp2_frame_hd) -> Bool {
  guard head.length < Limits.usefulDataBytes, !isLast(head) else { return false }
  return stream(session, head.stream_id).map { $0.body.count > 0 } ?? false
}

/// The answer is complete; if the request is not, tells the peer to stop (RFC 9113 section 8.1).
/// Only now, since a reset submitted earlier would overtake the answer.
private func stopRequest(_ session: OpaquePointer?, _ id: Int32) {
  guard nghttp2_session_get_stream_remote_close(session, id) == 0 else { return }
  let code = NGHTTP2_NO_ERROR.rawValue
  must("submit_rst_stream", nghttp2_submit_rst_stream(session, 0, id, code))
}

private func onFault(
  session: OpaquePointer?, code: Int32, text: UnsafePointer<CChar>?, count: Int,
  userData: UnsafeMutableRawPointer?
) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: text, count: min(count, Limits.faultTextBytesMax))
  inbox(userData).faultText = String(decoding: bytes, as: UTF8.self)
  return 0
}

/// Fills one DATA frame. With nothing to send it defers; after the last byte it ends the stream or
/// hands over to the trailers (nghttp2's EOF with NO_END_STREAM).
private func readBody(
  session: OpaquePointer?, id: Int32, buffer: UnsafeMutablePointer<UInt8>?, capacity: Int,
  flags: UnsafeMutablePointer<UInt32>?, source: UnsafeMutablePointer<nghttp2_data_source>?,
  userData: UnsafeMutableRawPointer?
) -> Int {
  let stream = Unmanaged<HTTP2Stream>.fromOpaque(source!.pointee.ptr!).takeUnretainedValue()
  let count = stream.body.drain(
    into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
  withInbox(userData) { $0.countBody(of: stream) }
  if let mark = stream.drainedMark, stream.body.count <= mark {
    stream.drainedMark = nil
    inbox(userData).record(.drained(stream))
  }
  guard stream.body.count == 0 else { return count }
  if stream.body.isFinished {
    flags!.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    submitTrailers(of: stream, session, flags!)
  } else if count == 0 {
    stream.body.isDeferred = true
    return Int(NGHTTP2_ERR_DEFERRED.rawValue)
  }
  return count
}

private func submitTrailers(
  of stream: HTTP2Stream, _ session: OpaquePointer?, _ flags: UnsafeMutablePointer<UInt32>
) {
  guard let trailers = stream.body.trailers else { return }
  flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
  _ = trailers.withFields { fields, count in
    must("submit_trailer", nghttp2_submit_trailer(session, stream.id, fields, count))
  }
}
