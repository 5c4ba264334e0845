import HTTP2
import Logging
import NIOCore

/// One HTTP/2 connection on a NIO channel: bytes in, events to the calls, one write per turn out.
/// The sides are ``ServerConnection`` and ``ClientConnection``.
///
/// A turn: everything that was read is given to nghttp2, every event is acted on (handlers run
/// here, up to their first real suspension), and what all of that wants to send leaves in one
/// write. While the socket is full nothing is taken from nghttp2, so that what waits stays in the
/// streams, where it is bounded and where its writers are suspended.
///
/// `@unchecked Sendable` because closures carry it to its loop; all else is confined to that.
class Connection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  final let session: HTTP2Session
  final let loop: any EventLoop
  final let logger: Logger
  @exclusivity(unchecked) final private(set) var context: ChannelHandlerContext?

  /// Where the other end is, such as `127.0.0.1:50312`; the name of a Unix domain socket is that of
  /// both ends.
  final private(set) var peer = "unknown"

  /// Bytes received, counted up to what the client preface has.
  final private(set) var prefaceBytes = 0

  /// When the socket became full; nil while it takes more.
  final private(set) var fullSince: NIODeadline?

  @exclusivity(unchecked) private var output: ByteBuffer
  @exclusivity(unchecked) private var isReading = false
  @exclusivity(unchecked) private var isFlushing = false
  @exclusivity(unchecked) private var isFlushScheduled = false
  @exclusivity(unchecked) private var isClosed = false

  /// What nghttp2 has left to say no longer matters.
  @exclusivity(unchecked) private var isBroken = false

  /// The peer is told that the connection is over; what else it says no longer matters.
  @exclusivity(unchecked) final private(set) var isTerminated = false
  @exclusivity(unchecked) private var needsFlush = false

  private var deadlineTimer: Scheduled<Void>?
  private var deadlineTimerAt = NIODeadline.distantFuture

  init(session: consuming HTTP2Session, loop: any EventLoop, logger: Logger) {
    self.session = session
    self.loop = loop
    self.logger = logger
    output = ByteBuffer()
  }

  final var isActive: Bool { context != nil && !isClosed }

  // MARK: What the sides do differently

  func didBecomeActive() {}
  func handle(_ event: HTTP2Event) { preconditionFailure("abstract") }
  func didSend() {}
  func didClose() {}

  /// `input` broke the protocol for good; the connection is closed afterwards.
  func didFail(_ error: HTTP2Error, input: UnsafeRawBufferPointer) {}

  // MARK: Channel

  final func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start(context) }
  }

  final func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  final func channelActive(context: ChannelHandlerContext) {
    start(context)
    context.fireChannelActive()
  }

  final func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  final func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReading = true
    unwrapInboundIn(data).withUnsafeReadableBytes { input in
      var rest = input[...]
      while !rest.isEmpty, !isClosed, !isBroken, !isTerminated {
        let part = rest.prefix(Limits.receiveBytesMax)
        rest = rest.dropFirst(part.count)
        receive(UnsafeRawBufferPointer(rebasing: part))
      }
    }
  }

  final func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  final func channelWritabilityChanged(context: ChannelHandlerContext) {
    fullSince = context.channel.isWritable ? nil : loop.now
    if context.channel.isWritable { flush() }
  }

  final func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("connection error", metadata: ["peer": "\(peer)", "error": "\(error)"])
    context.close(promise: nil)
  }

  final func close() {
    guard !isClosed else { return }
    context?.close(promise: nil)
  }

  private func start(_ context: ChannelHandlerContext) {
    if let end = Endpoint(context.remoteAddress) ?? Endpoint(context.localAddress) {
      peer = "\(end)"
    }
    didBecomeActive()
  }

  private func end() {
    guard !isClosed else { return }
    isClosed = true
    deadlineTimer?.cancel()
    session.closeStreams(.cancel)
    dispatchEvents()
    didClose()
  }

  // MARK: In

  private func receive(_ input: UnsafeRawBufferPointer) {
    do throws(HTTP2Error) {
      try session.receive(input)
      prefaceBytes = min(24, prefaceBytes + input.count)
      dispatchEvents()
    } catch {
      dispatchEvents()
      didFail(error, input: input)
      // A flood of what nghttp2 must answer or keep; it stops, and says nothing.
      if error.fault == .peer { session.terminate(.enhanceYourCalm) }
      if error.fault != .notHTTP2 { flush() }
      isBroken = true
      close()
    }
  }

  private func dispatchEvents() {
    while let event = session.nextEvent() { handle(event) }
  }

  /// Ends the connection at once, with GOAWAY.
  final func terminate(_ code: HTTP2ErrorCode, debugData: String) {
    isTerminated = true
    session.terminate(code, debugData: debugData)
    setNeedsFlush()
  }

  // MARK: Out

  /// Something was queued: it leaves at the end of this turn.
  final func setNeedsFlush() {
    needsFlush = true
    guard !isReading, !isFlushing, !isFlushScheduled else { return }
    isFlushScheduled = true
    loop.execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  /// Sends what waits, as far as the socket takes it. NIO may close the channel within a write, so
  /// everything is looked at anew after one.
  private func flush() {
    guard !isFlushing, !isClosed, !isBroken else { return }
    isFlushing = true
    defer { isFlushing = false }
    var writes = 0
    repeat {
      needsFlush = false
      guard let context, context.channel.isWritable else { return }
      let hasMore = fillOutput()
      dispatchEvents()
      writeOutput(context)
      writes += 1
      guard !isClosed else { return }
      if hasMore { needsFlush = true }
    } while needsFlush && writes < Limits.writesPerTurnMax
    didSend()
    if needsFlush {
      isFlushing = false
      setNeedsFlush()
    } else if session.isFinished {
      close()
    }
  }

  /// Takes frames from nghttp2; true if it may have more.
  private func fillOutput() -> Bool {
    do throws(HTTP2Error) {
      while output.readableBytes < Limits.writeBytesMax {
        guard let chunk = try session.nextOutput() else { return false }
        output.writeBytes(chunk)
      }
      return true
    } catch {
      logger.error("cannot send", metadata: ["peer": "\(peer)", "error": "\(error)"])
      close()
      return false
    }
  }

  private func writeOutput(_ context: ChannelHandlerContext) {
    guard output.readableBytes > 0, !isClosed else { return }
    context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    // Reuses the storage if the socket took it all, and allocates if NIO still holds it.
    output.clear()
  }

  /// Gives back the memory that a busy connection has grown, for as long as it has nothing to send.
  final func releaseOutputMemory() {
    if output.readableBytes == 0 { output = ByteBuffer() }
  }

  // MARK: Deadlines

  /// Makes sure that `stream` expires in time. One timer serves all streams of the connection: a
  /// call that ends early, as nearly all do, costs no timer at all.
  final func watchDeadline(of stream: CallStream) {
    guard stream.deadline < deadlineTimerAt else { return }
    deadlineTimer?.cancel()
    deadlineTimerAt = stream.deadline
    deadlineTimer = loop.scheduleTask(deadline: stream.deadline) { self.expireStreams() }
  }

  private func expireStreams() {
    guard !isClosed else { return }
    deadlineTimerAt = .distantFuture
    let now = loop.now
    var nearest: CallStream?
    session.forEachOpenStream { stream in
      let stream = unsafeDowncast(stream, to: CallStream.self)
      if stream.deadline <= now {
        stream.deadline = .distantFuture
        stream.expire()
      } else if stream.deadline < nearest?.deadline ?? .distantFuture {
        nearest = stream
      }
    }
    if let nearest { watchDeadline(of: nearest) }
    setNeedsFlush()
  }
}
