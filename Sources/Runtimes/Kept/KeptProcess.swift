import EventCore
import NIOCore
import NIOPosix
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// A process that takes one invocation after another, each as a line on its standard input that it
/// answers with a line on its standard output. Each line of its standard error is a log line.
///
/// Its pipes are channels of one event loop, so that nothing waits for a process that does not read
/// or write, and so that all that it logged before an answer is read before the answer counts.
final class KeptProcess: Sendable {
  enum Reply: Sendable {
    /// - Parameter isUsable: whether the process can take another invocation; else it is being ended.
    case answered(KeptAnswer, isUsable: Bool)
    /// It did not answer as it should, and is gone.
    case broken(AttemptResult)
    /// The same, before it had read what it was asked.
    case missed(AttemptResult)
  }

  private let loop: any EventLoop
  private let grace: Duration
  private let whenGone: @Sendable (_ hasFailed: Bool) -> Void
  private let state = Mutex(State())

  private init(
    _ loop: any EventLoop, _ grace: Duration,
    _ whenGone: @escaping @Sendable (_ hasFailed: Bool) -> Void
  ) {
    self.loop = loop
    self.grace = grace
    self.whenGone = whenGone
  }

  // MARK: Life

  /// - Parameters:
  ///   - grace: from the end of its input to SIGTERM, and from there to SIGKILL.
  ///   - whenGone: called when nothing of it is left, once it was started; says whether it died by
  ///     itself or had to be replaced.
  /// - Throws: if it can't be started.
  static func start(
    _ configuration: Configuration, on loop: any EventLoop, grace: Duration,
    whenGone: @escaping @Sendable (_ hasFailed: Bool) -> Void
  ) async throws -> KeptProcess {
    let process = KeptProcess(loop, grace, whenGone)
    let pipes = try KeptPipes()
    try await withCheckedThrowingContinuation { started in
      let life = Task { await process.live(configuration, pipes, started) }
      process.state.withLock { $0.life = life }
    }
    return process
  }

  private func live(
    _ configuration: Configuration, _ pipes: KeptPipes,
    _ started: CheckedContinuation<Void, any Error>
  ) async {
    var isStarted = false
    do {
      let ended = try await Subprocess.run(
        configuration,
        input: .fileDescriptor(pipes.input.reader, closeAfterSpawningProcess: true),
        output: .fileDescriptor(pipes.output.writer, closeAfterSpawningProcess: true),
        error: .fileDescriptor(pipes.logs.writer, closeAfterSpawningProcess: true)
      ) { running in
        try await open(pipes)
        isStarted = true
        started.resume()
        await running.exited(within: RuntimeLimits.keptLifeMax)
        running.killGroup()
      }
      exited(ended.terminationStatus)
    } catch {
      guard !isStarted else { return exited(nil) }
      close()
      pipes.closeEnds(from: state.withLock(\.openedEnds))
      started.resume(throwing: error)
    }
  }

  /// Closes its input and gives it time to end by itself.
  func end() {
    let input = state.withLock { state in
      defer { state.isEnding = true }
      return state.isEnding ? nil : state.input
    }
    guard let input else { return }
    input.close(promise: nil)
    _ = loop.scheduleTask(in: .nanoseconds(grace.wholeNanoseconds)) { [weak self] in self?.kill() }
  }

  /// Ends it with SIGTERM, then SIGKILL.
  func kill() {
    let life = state.withLock { state in
      state.isEnding = true
      if !state.hasExited { state.isKilled = true }
      return state.life
    }
    life?.cancel()
  }

  private func exited(_ status: TerminationStatus?) {
    loop.execute { [self] in
      state.withLock { ($0.hasExited, $0.status) = (true, status) }
      readRest(of: .output)
      readRest(of: .logs)
      finish()
    }
  }

  /// Nothing of it is left.
  private func finish() {
    answer()
    let (question, reply, hasFailed, lines) = state.withLock { state in
      state.isGone = true
      defer { (state.question, state.life) = (nil, nil) }
      return (
        state.question, state.hasRead ? Reply.broken(state.ending) : .missed(state.ending),
        state.conversation.fault != nil || !state.isEnding, state.restOfLogs()
      )
    }
    close()
    whenGone(hasFailed)
    guard let question else { return }
    for line in lines { question.sink.log(line) }
    question.waiter.resume(returning: reply)
  }

  // MARK: Asking

  /// Cancelled, it kills the process. Returns when it has answered, or nothing of it is left.
  ///
  /// - Precondition: nobody else asks it meanwhile.
  func ask(_ line: [UInt8], of id: InvocationID, into sink: any OutputSink) async -> Reply {
    await withTaskCancellationHandler {
      await withCheckedContinuation { waiter in
        if ask(id, Question(sink: sink, waiter: waiter)) { send(line) }
      }
    } onCancel: {
      kill()
    }
  }

  /// - Returns: false if it is about to end, or gone: then nothing is to be sent.
  private func ask(_ id: InvocationID, _ question: Question) -> Bool {
    let (isReady, early, result) = state.withLock { state in
      let isReady = state.isReady
      if isReady { state.conversation.ask(id) }
      precondition(state.question == nil, "asked twice")
      if !state.isGone { (state.question, state.isSent) = (question, false) }
      let result = state.isGone ? state.ending : nil
      return (isReady, state.takeEarlyLogs(), result)
    }
    for line in early { question.sink.log(line) }
    if let result { question.waiter.resume(returning: .missed(result)) }
    return isReady
  }

  private func send(_ line: [UInt8]) {
    var buffer = ByteBuffer(bytes: line)
    buffer.writeInteger(UInt8(ascii: "\n"))
    // Before it is written, or this could come when the next one is asked already.
    let sent = loop.makePromise(of: Void.self)
    sent.futureResult.whenSuccess { self.state.withLock { $0.isSent = true } }
    guard let input = state.withLock(\.input) else {
      return sent.fail(ChannelError.ioOnClosedChannel)
    }
    input.writeAndFlush(buffer, promise: sent)
  }

  /// Passes the answer on, if there is one.
  private func answer() {
    let (answered, lines, isFaulty) = state.withLock { state in
      guard let question = state.question, let answer = state.conversation.takeAnswer() else {
        return (nil, [], false) as ((Question, Reply)?, [String], Bool)
      }
      state.question = nil
      let isFaulty = state.conversation.fault != nil
      let isUsable = !isFaulty && !state.isEnding && !state.hasExited
      return ((question, .answered(answer, isUsable: isUsable)), state.restOfLogs(), isFaulty)
    }
    guard let (question, reply) = answered else { return }
    for line in lines { question.sink.log(line) }
    question.waiter.resume(returning: reply)
    if isFaulty { kill() }
  }

  // MARK: Pipes, on the loop

  private func open(_ pipes: KeptPipes) async throws {
    state.withLock { ($0.unread, $0.openedEnds) = (pipes.unread, 1) }
    let input = try await NIOPipeBootstrap(group: loop).takingOwnershipOfDescriptor(
      output: pipes.input.writer.rawValue
    ).get()
    state.withLock { ($0.input, $0.openedEnds) = (input, 2) }
    try await read(.output, from: pipes.output.reader.rawValue)
    try await read(.logs, from: pipes.logs.reader.rawValue)
  }

  private func read(_ stream: Stream, from descriptor: CInt) async throws {
    let bootstrap = NIOPipeBootstrap(group: loop).channelInitializer { [self] channel in
      channel.eventLoop.makeCompletedFuture {
        state.withLock { $0.readers[stream] = (channel, descriptor) }
        try channel.pipeline.syncOperations.addHandler(
          PipeReader(
            received: { self.received($0, from: stream) }, closed: { self.closed(stream) }))
      }
    }
    _ = try await bootstrap.takingOwnershipOfDescriptor(input: descriptor).get()
    state.withLock { $0.openedEnds += 1 }
  }

  private func received(_ bytes: [UInt8], from stream: Stream) {
    switch stream {
    case .output:
      switch state.withLock({ $0.conversation.receive(bytes) }) {
      case .goesOn: break
      case .answered:
        readRest(of: .logs)
        answer()
      case .faulty: kill()
      }
    case .logs:
      let (sink, lines) = state.withLock { ($0.question?.sink, $0.takeLogs(bytes)) }
      for line in lines { sink?.log(line) }
    }
  }

  private func closed(_ stream: Stream) {
    let isExpected = state.withLock { state in
      state.readers[stream] = nil
      return state.isEnding || state.hasExited
    }
    // It is about to exit, most likely.
    guard stream == .output, !isExpected else { return }
    state.withLock { _ = $0.conversation.fail("closed its standard output") }
    end()
  }

  /// Reads what is in a pipe now, past its channel, which would come to it in a later turn of the loop
  /// only: so what was written before something that was just read counts. What others still write is
  /// bounded.
  private func readRest(of stream: Stream) {
    // The descriptor of a channel that is closed may be another's by now.
    guard let reader = state.withLock({ $0.readers[stream] }), reader.channel.isActive else {
      return
    }
    var drained = 0
    while drained < RuntimeLimits.drainBytesMax, reader.descriptor.hasData {
      let bytes = reader.descriptor.read(atMost: 64 << 10)
      guard !bytes.isEmpty else { return }
      drained += bytes.count
      received(bytes, from: stream)
    }
  }

  private func close() {
    let (channels, unread) = state.withLock { state in
      (state.readers.values.map(\.channel) + [state.input].compactMap { $0 }, state.unread.take())
    }
    for channel in channels { channel.close(promise: nil) }
    try? unread?.close()
  }
}
