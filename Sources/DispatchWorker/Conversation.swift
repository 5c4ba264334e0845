internal import DequeModule
internal import EventCore
internal import Messages

/// The worker's side of WorkerService.Connect, over all of its streams. A value: it decides, and
/// ``Worker`` acts. What it wants to say follows from its state and from what it has said on this
/// stream, so a reconnect says again what may not have come.
///
/// ```
///   .away ── connect ──▶ .hello ── Hello sent ──▶ .introduced ── Welcome ──▶ .welcomed
///     ▲                     │                          │                         │
///     └─────────────────────┴───── disconnect ─────────┴─────────────────────────┘
/// ```
struct Conversation {
  enum Action {
    /// Call the function.
    case start(WorkerAssignment)
    /// Nobody wants its result any more.
    case stop(lease: UInt64, reason: String)
  }

  private enum Phase { case away, hello, introduced, welcomed }

  private let hello: WorkerHello
  private let concurrency: Int
  private var phase = Phase.away
  private(set) var isDraining = false

  /// By lease.
  private var jobs: [UInt64: LeasedJob] = [:]
  /// How many of them have a function that has yet to return.
  private var running = 0
  /// Leases that have something to say, each once.
  private var due: Deque<UInt64> = []
  private var dueSet: Set<UInt64> = []

  // Of this stream.
  private var unusedCredit = 0
  /// Leases whose assignments were lost with an earlier stream, and come again.
  private var expected: Set<UInt64> = []
  private var pong: UInt64?
  private var isDrainSaid = false
  private var heard = ContinuousClock.now
  private var patience = WorkerLimits.welcomeTimeout

  /// - Parameter session: the same for all streams, and nobody else's.
  init(worker: String, session: String, functionIDs: [String], concurrency: Int) {
    var hello = WorkerHello()
    hello.worker = worker
    hello.session = session
    hello.functionIDs = functionIDs
    self.hello = hello
    self.concurrency = concurrency
  }

  /// It has drained: nothing runs, and every result is acknowledged.
  var isOver: Bool { isDraining && jobs.isEmpty }

  var isWelcomed: Bool { phase == .welcomed }

  /// Until when the gateway has to be heard, or the stream is dead.
  var silenceEnd: ContinuousClock.Instant { heard + patience }

  // MARK: The stream

  mutating func connect(at now: ContinuousClock.Instant) {
    phase = .hello
    unusedCredit = 0
    expected = []
    pong = nil
    isDrainSaid = false
    heard = now
    patience = WorkerLimits.welcomeTimeout
    for lease in jobs.keys { jobs[lease]!.unsay() }
  }

  mutating func disconnect() { phase = .away }

  mutating func receive(_ message: GatewayMessage, at now: ContinuousClock.Instant) -> [Action] {
    heard = now
    switch message.content {
    case .welcome(let welcome): return welcomed(welcome)
    case .assignment(let assignment): return assigned(assignment)
    case .cancel(let cancel): return cancelled(cancel.lease, cancel.reason)
    case .resultAck(let ack): acknowledged(ack.lease)
    case .ping(let ping) where !ping.isAnswer: pong = ping.number
    case .ping, .goAway, nil: break
    }
    return []
  }

  private mutating func welcomed(_ welcome: WorkerWelcome) -> [Action] {
    phase = .welcomed
    if welcome.pingInterval > .zero { patience = welcome.pingInterval * 2 }
    expected = Set(welcome.leases).subtracting(jobs.keys)
    var actions: [Action] = []
    for (lease, job) in jobs {
      if !welcome.leases.contains(lease), job.takesPlace, !job.isAbandoned {
        actions.append(lose(lease, "the gateway gave it to another worker"))
      } else {
        noteDue(lease)
      }
    }
    return actions
  }

  private mutating func assigned(_ assignment: WorkerAssignment) -> [Action] {
    // It is sent again if the gateway has not heard of its start.
    guard jobs[assignment.lease] == nil else { return [] }
    if expected.remove(assignment.lease) == nil { unusedCredit -= 1 }
    jobs[assignment.lease] = LeasedJob(assignment.lease)
    running += 1
    noteDue(assignment.lease)
    return [.start(assignment)]
  }

  private mutating func cancelled(_ lease: UInt64, _ reason: String) -> [Action] {
    expected.remove(lease)
    guard let job = jobs[lease] else { return [] }
    if job.isAbandoned { return [] }
    if job.takesPlace { return [lose(lease, reason)] }
    jobs[lease] = nil
    return []
  }

  private mutating func lose(_ lease: UInt64, _ reason: String) -> Action {
    jobs[lease]!.abandon()
    return .stop(lease: lease, reason: reason)
  }

  private mutating func acknowledged(_ lease: UInt64) {
    guard let job = jobs[lease], !job.takesPlace else { return }
    jobs[lease] = nil
  }

  // MARK: The functions

  mutating func write(_ bytes: some Sequence<UInt8>, for lease: UInt64) {
    jobs[lease]?.write(bytes)
    noteDue(lease)
  }

  mutating func log(_ line: String, for lease: UInt64) {
    jobs[lease]?.log(line)
    noteDue(lease)
  }

  /// The function has returned or thrown.
  mutating func finish(_ lease: UInt64, _ outcome: Result<FunctionOutput?, FunctionError>) {
    guard let job = jobs[lease], job.takesPlace else { return }
    running -= 1
    guard !job.isAbandoned else {
      jobs[lease] = nil
      return
    }
    switch outcome {
    case .success(let output):
      jobs[lease]!.write(output?.data ?? [])
      jobs[lease]!.finish(nil, dataType: output?.dataType.line(toBytes: Limits.dataTypeBytesMax))
    case .failure(let error):
      jobs[lease]!.finish(InvocationError(error), dataType: nil)
    }
    noteDue(lease)
  }

  mutating func drain() { isDraining = true }

  // MARK: What to say

  private mutating func noteDue(_ lease: UInt64) {
    if jobs[lease] != nil, dueSet.insert(lease).inserted { due.append(lease) }
  }

  /// The next message to be sent; nil when there is nothing to say for now.
  mutating func next() -> WorkerMessage.Content? {
    switch phase {
    case .away, .introduced: return nil
    case .hello:
      phase = .introduced
      return .hello(hello)
    case .welcomed:
      return takePong() ?? nextOfJobs() ?? moreCredit() ?? farewell()
    }
  }

  private mutating func takePong() -> WorkerMessage.Content? {
    defer { pong = nil }
    return pong.map { .ping(WorkerPing($0, isAnswer: true)) }
  }

  /// In turn, so that one with much output does not hold up the others.
  private mutating func nextOfJobs() -> WorkerMessage.Content? {
    while let lease = due.popFirst() {
      dueSet.remove(lease)
      guard let message = jobs[lease]?.next() else { continue }
      noteDue(lease)
      return message
    }
    return nil
  }

  private mutating func moreCredit() -> WorkerMessage.Content? {
    let room = concurrency - running - expected.count - unusedCredit
    guard !isDraining, room > 0, jobs.count - running < WorkerLimits.unacknowledgedMax
    else { return nil }
    unusedCredit += room
    var credit = WorkerCredit()
    credit.count = Int32(room)
    return .credit(credit)
  }

  private mutating func farewell() -> WorkerMessage.Content? {
    guard isDraining, !isDrainSaid else { return nil }
    isDrainSaid = true
    return .drain
  }
}

extension InvocationError {
  /// Bounded as the gateway bounds it, so that one message holds it.
  fileprivate init(_ error: FunctionError) {
    let errorClass: InvocationError.Class =
      switch error.errorClass {
      case .input: .input
      case .function: .function
      }
    self.init(
      errorClass, code: error.code.line(toBytes: Limits.finalCodeBytesMax),
      message: error.message.line(toBytes: Limits.errorMessageBytesMax), isFinal: error.isFinal,
      retryAfter: error.retryAfter.map { min(max($0, .zero), Limits.ageMax) })
  }
}
