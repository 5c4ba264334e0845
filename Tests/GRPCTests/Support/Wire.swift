import HTTP2
import NIOCore
import NIOEmbedded

@testable import GRPC

/// A server connection without a socket or a second thread, and a client session that says to it
/// whatever a test wants. Time stands still unless a test moves it.
///
/// Use it from tests that are not async: handlers then run within the calls below.
final class Wire {
  let channel = EmbeddedChannel()
  let connection: ServerConnection
  let client = HTTP2Session(.client, settings: .init(streamWindowBytes: 1024 * 1024))

  /// The answers so far, by stream.
  private(set) var responses: [Int32: Response] = [:]
  private(set) var goAway: HTTP2ErrorCode?
  private(set) var goAwayText = ""

  /// The client gives window back as it reads.
  var clientConsumes = true

  struct Response {
    var head: HeaderBlock?
    var body = ByteBuffer()
    var trailers: HeaderBlock?
    var closed: HTTP2ErrorCode?

    var status: String? { trailers?["grpc-status"] ?? head?["grpc-status"] }
    var message: String? { trailers?["grpc-message"] ?? head?["grpc-message"] }
    var httpStatus: String? { head?[":status"] }

    /// The messages of a body without faults.
    var messages: [String] {
      var deframer = MessageDeframer(messageBytesMax: .max)
      return body.withUnsafeReadableBytes { bytes in
        var rest = bytes
        var texts: [String] = []
        while let message = try? deframer.next(&rest) {
          texts.append(String(buffer: message.bytes))
        }
        return texts
      }
    }
  }

  /// - Parameter memory: shared with other connections; nil for one of its own.
  init(
    _ router: Router = .echo, limits: ServerLimits = .init(), memory: CallMemory? = nil,
    connects: Bool = true
  ) throws {
    let count = Count()
    connection = ServerConnection(
      router: router, limits: limits,
      memory: memory ?? CallMemory(bytesMax: limits.heldBytesMax), loop: channel.eventLoop,
      executor: EventLoopExecutor.of(channel.eventLoop), logger: .silent
    ) { _ in count.value += 1 }
    finished = count
    try channel.pipeline.syncOperations.addHandler(connection)
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    if connects { try exchange() }
  }

  // An open channel and its handlers hold each other.
  deinit { _ = try? channel.finish() }

  /// How often the connection said that it is done with.
  let finished: Count

  final class Count: @unchecked Sendable { var value = 0 }

  var loop: EmbeddedEventLoop { channel.embeddedEventLoop }
  var isOpen: Bool { channel.isActive }

  // MARK: The client

  static let head = HeaderBlock([
    (":method", "POST"), (":scheme", "http"), (":authority", "test"), (":path", "/test.Echo/Unary"),
    ("te", "trailers"),
    ("content-type", "application/grpc"),
  ])

  static func head(_ path: String, _ more: [(String, String)] = []) -> HeaderBlock {
    var head = HeaderBlock([(":method", "POST"), (":scheme", "http"), (":authority", "test")])
    head.append(":path", path)
    head.append("content-type", "application/grpc")
    for (name, value) in more { head.append(name, value) }
    return head
  }

  /// A message with its prefix.
  static func framed(_ text: String) -> [UInt8] {
    [0, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
  }

  /// Opens a stream with `bytes`, and ends it there if `isLast`.
  @discardableResult
  func open(_ head: HeaderBlock, _ bytes: [UInt8] = [], isLast: Bool = true) throws -> HTTP2Stream {
    let stream = HTTP2Stream()
    bytes.withUnsafeBytes { stream.body.append($0) }
    if isLast { stream.body.finish() }
    try client.submitRequest(head, on: stream, hasBody: true)
    try exchange()
    return stream
  }

  func send(_ bytes: [UInt8], on stream: HTTP2Stream, isLast: Bool = false) throws {
    bytes.withUnsafeBytes { stream.body.append($0) }
    if isLast { stream.body.finish() }
    client.resume(stream)
    try exchange()
  }

  func reset(_ stream: HTTP2Stream) throws {
    client.reset(stream, .cancel)
    try exchange()
  }

  /// A good unary call; its answer's text.
  func echo(_ text: String) throws -> String? {
    try responses[open(Self.head, Self.framed(text)).id]?.messages.first
  }

  /// Bytes that no session would send.
  func inject(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

  /// What the server has written and nobody took.
  func takeOutput() throws -> ByteBuffer {
    var all = ByteBuffer()
    while var part = try channel.readOutbound(as: ByteBuffer.self) { all.writeBuffer(&part) }
    return all
  }

  // MARK: Moving bytes

  /// Hands bytes back and forth until both sides are silent.
  func exchange() throws {
    guard try exchangeBounded(rounds: 10_000) else {
      preconditionFailure("the two sides never fell silent")
    }
  }

  /// The same for so many rounds at most; true if they fell silent.
  @discardableResult
  func exchangeBounded(rounds: Int) throws -> Bool {
    for _ in 0..<rounds {
      var toServer = ByteBuffer()
      while let chunk = try client.nextOutput() { toServer.writeBytes(chunk) }
      if toServer.readableBytes > 0, channel.isActive { try channel.writeInbound(toServer) }
      loop.run()
      let toClient = try takeOutput()
      try toClient.withUnsafeReadableBytes { bytes in
        try client.receive(bytes)
        while let event = client.nextEvent() { record(event) }
      }
      if toServer.readableBytes == 0, toClient.readableBytes == 0 { return true }
    }
    return false
  }

  func advance(_ time: TimeAmount) throws {
    loop.advanceTime(by: time)
    try exchange()
  }

  /// The client disappears.
  func disconnect() throws {
    channel.close(promise: nil)
    loop.run()
  }

  private func record(_ event: HTTP2Event) {
    switch event {
    case .head(let stream, let fields, _): responses[stream.id, default: .init()].head = fields
    case .data(let stream, let bytes):
      responses[stream.id, default: .init()].body.writeBytes(bytes)
      client.consumeConnection(bytes.count)
      if clientConsumes { client.consume(bytes.count, on: stream) }
    case .trailers(let stream, let fields):
      responses[stream.id, default: .init()].trailers = fields
    case .closed(let stream): responses[stream.id, default: .init()].closed = stream.closed
    case .goAway(_, let code, let text):
      goAway = code
      if !text.isEmpty { goAwayText = text }
    case .end, .drained, .controlFrame, .ping, .pong, .oversizedHead, .overhead: break
    }
  }
}
