internal import DequeModule
internal import EventCore
internal import Messages

/// What one lease has to say, and how far it has said it on this stream.
struct LeasedJob {
  private enum Phase {
    case running
    /// The lease is lost, and the function has not returned yet.
    case abandoned
    /// Told until it is acknowledged.
    case finished(WorkerResult, isSaid: Bool)
  }

  private let lease: UInt64
  private var phase = Phase.running
  private var isStartSaid = false
  /// All of the attempt's output, up to the limit.
  private var output: [UInt8] = []
  private var outputSaid = 0
  /// How much of it Progress has told on any stream. The gateway may have it, so it is no part of a
  /// result: that has no offset.
  private var outputTold = 0
  private var logs: Deque<String> = []

  init(_ lease: UInt64) {
    self.lease = lease
  }

  /// Whether its function has yet to return.
  var takesPlace: Bool {
    if case .finished = phase { false } else { true }
  }

  var isAbandoned: Bool {
    if case .abandoned = phase { true } else { false }
  }

  // MARK: What happens to it

  mutating func write(_ bytes: some Sequence<UInt8>) {
    guard case .running = phase else { return }
    output.append(contentsOf: bytes.prefix(WorkerLimits.outputBytesMax - output.count))
  }

  mutating func log(_ line: String) {
    guard case .running = phase else { return }
    if logs.count == WorkerLimits.logLinesMax { logs.removeFirst() }
    logs.append(line.line(toBytes: Limits.logLineBytesMax))
  }

  mutating func abandon() { phase = .abandoned }

  /// - Parameter dataType: of the output; nil if the function returned none.
  mutating func finish(_ error: InvocationError?, dataType: String?) {
    var result = WorkerResult()
    result.lease = lease
    result.error = error
    result.output = dataType.map { Output(payload: Payload(data: [], dataType: $0)) }
    phase = .finished(result, isSaid: false)
  }

  /// A new stream: what was said on an earlier one may not have come. Logs are said once.
  mutating func unsay() {
    isStartSaid = false
    outputSaid = 0
    if case .finished(let result, _) = phase { phase = .finished(result, isSaid: false) }
  }

  // MARK: What it says

  /// The next message to be sent; nil when all is said.
  mutating func next() -> WorkerMessage.Content? {
    switch phase {
    case .abandoned, .finished(_, isSaid: true): return nil
    case .running:
      guard isStartSaid else {
        isStartSaid = true
        return .started(lease: lease)
      }
      return progress()
    case .finished(let result, isSaid: false):
      let isRest =
        outputSaid >= outputTold && output.count - outputSaid <= WorkerLimits.chunkBytesMax
      guard isRest, logs.isEmpty else { return progress() }
      phase = .finished(result, isSaid: true)
      return .result(result.adding(takeChunk()))
    }
  }

  private mutating func progress() -> WorkerMessage.Content? {
    guard outputSaid < output.count || !logs.isEmpty else { return nil }
    var progress = WorkerProgress()
    progress.lease = lease
    progress.offset = UInt64(outputSaid)
    progress.output = takeChunk()
    outputTold = max(outputTold, outputSaid)
    progress.logs = logs.map { LogLine(time: Timestamp(nanoseconds: 0), attempt: 0, text: $0) }
    logs.removeAll()
    return .progress(progress)
  }

  private mutating func takeChunk() -> [UInt8] {
    let chunk = output[outputSaid...].prefix(WorkerLimits.chunkBytesMax)
    outputSaid += chunk.count
    return Array(chunk)
  }
}

extension WorkerResult {
  /// - Parameter rest: of the output, after what Progress has told.
  fileprivate func adding(_ rest: [UInt8]) -> WorkerResult {
    var result = self
    guard result.output != nil || !rest.isEmpty else { return self }
    result.output = Output(
      payload: Payload(data: rest, dataType: result.output?.payload.dataType ?? ""))
    return result
  }
}

extension WorkerMessage.Content {
  static func started(lease: UInt64) -> WorkerMessage.Content {
    var started = WorkerLease()
    started.lease = lease
    return .started(started)
  }
}
