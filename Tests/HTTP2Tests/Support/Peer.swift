@testable import HTTP2

/// One session with a log of its events, each as a line such as `head 1 last` or `data 1 hello`.
final class Peer {
  let session: HTTP2Session
  private(set) var log: [String] = []
  private(set) var streams: [Int32: HTTP2Stream] = [:]
  private(set) var heads: [Int32: HeaderBlock] = [:]

  /// Gives the window back at once, as a reader that keeps up does.
  var consumes = true

  init(_ role: HTTP2Session.Role, _ settings: HTTP2Settings = .init()) {
    session = HTTP2Session(role, settings: settings)
  }

  // The session is not copyable, which keeps `#expect` from looking into it.
  var openStreamCount: Int { session.openStreamCount }
  var isFinished: Bool { session.isFinished }
  var hasUnfinishedHeaders: Bool { session.hasUnfinishedHeaders }
  var resetsSent: Int { session.resetsSent }
  var resetsReceived: Int { session.resetsReceived }
  var outboundBytes: Int { session.outboundBytes }
  var messageFramesSent: Int { session.messageFramesSent }
  var storesNoHeaders: Bool { session.inbox.headers.makeBlock().isEmpty }

  func receive(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { bytes in
      defer { drainEvents() }
      try session.receive(bytes)
    }
  }

  /// Everything the session has to send now.
  func output() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let chunk = try session.nextOutput() { bytes += chunk }
    drainEvents()
    return bytes
  }

  /// The log since the last call.
  func takeLog() -> [String] {
    defer { log = [] }
    return log
  }

  func drainEvents() {
    while let event = session.nextEvent() { record(event) }
  }

  private func record(_ event: HTTP2Event) {
    switch event {
    case .head(let stream, let fields, let isLast):
      streams[stream.id] = stream
      heads[stream.id] = fields
      log.append("head \(stream.id)\(isLast ? " last" : "")")
    case .oversizedHead(let stream):
      streams[stream.id] = stream
      log.append("oversized \(stream.id)")
    case .data(let stream, let bytes):
      log.append("data \(stream.id) \(String(decoding: bytes, as: UTF8.self))")
      session.consumeConnection(bytes.count)
      if consumes { session.consume(bytes.count, on: stream) }
    case .end(let stream): log.append("end \(stream.id)")
    case .trailers(let stream, let fields):
      log.append("trailers \(stream.id) \(fields["grpc-status"] ?? "")")
    case .drained(let stream): log.append("drained \(stream.id)")
    case .closed(let stream):
      streams[stream.id] = nil
      log.append("closed \(stream.id) \(stream.closed!)")
    case .goAway(let last, let code, _): log.append("goaway \(last) \(code)")
    case .controlFrame, .ping: log.append("control")
    case .overhead: log.append("overhead")
    case .pong: log.append("pong")
    }
  }
}

/// Hands bytes back and forth until both sides are silent. Bounded: a ping-pong is a bug.
func exchange(_ client: Peer, _ server: Peer) throws {
  for _ in 0..<1_000 {
    let toServer = try client.output()
    if !toServer.isEmpty { try server.receive(toServer) }
    let toClient = try server.output()
    if !toClient.isEmpty { try client.receive(toClient) }
    if toServer.isEmpty, toClient.isEmpty { return }
  }
  preconditionFailure("the sessions never fell silent")
}

/// A connected pair whose handshake is done and out of the logs.
func connectedPair(
  client: HTTP2Settings = .init(), server: HTTP2Settings = .init()
) throws -> (client: Peer, server: Peer) {
  let pair = (client: Peer(.client, client), server: Peer(.server, server))
  try exchange(pair.client, pair.server)
  _ = pair.client.takeLog()
  _ = pair.server.takeLog()
  return pair
}

extension Peer {
  static let requestHead = HeaderBlock([
    (":method", "POST"), (":scheme", "http"), (":path", "/s/M"), (":authority", "test"),
  ])
  static let responseHead = HeaderBlock([(":status", "200")])
  static let trailers = HeaderBlock([("grpc-status", "0")])

  /// Opens a stream; `body` is sent whole and ends it.
  @discardableResult
  func request(_ body: String) throws -> HTTP2Stream {
    let stream = HTTP2Stream()
    stream.append(body)
    stream.body.finish()
    try session.submitRequest(Self.requestHead, on: stream, hasBody: true)
    return stream
  }
}

extension HTTP2Stream {
  func append(_ text: String) { Array(text.utf8).withUnsafeBytes { body.append($0) } }
}
