internal import EventCore
internal import GRPC
internal import Messages
internal import NIOCore
internal import Synchronization
internal import Workers

/// dispatch.events.v1.WorkerService: a stream for each worker that is connected.
struct WorkerService: Sendable {
  let hub: WorkerHub
  /// How long a draining gateway takes results, for GoAway.
  let drain: Duration

  func register(in router: inout Router) {
    router.bidirectional("/dispatch.events.v1.WorkerService/Connect") { call, requests, writer in
      try await connect(Call(call), requests, Responses(writer))
    }
  }

  private func connect(
    _ call: Call, _ requests: RequestStream, _ responses: Responses<GatewayMessage>
  ) async throws {
    let hearing = Hearing()
    // Also for a worker that never says Hello.
    try await withFirst(
      { try await serve(call, requests, responses, hearing) },
      { try await ping(responses, hearing) })
  }

  private func serve(
    _ call: Call, _ requests: RequestStream, _ responses: Responses<GatewayMessage>,
    _ hearing: Hearing
  ) async throws {
    var messages = requests.makeAsyncIterator()
    guard let first = try await messages.next() else { return }
    hearing.heard()
    guard case .hello(let hello)? = try WorkerMessage(unpacking: first, from: .client).content
    else { throw GatewayError.invalid("message", "must be hello at first") }
    try hello.check()
    let session = hello.session.isEmpty ? "\(UniqueID(at: .now()))" : hello.session
    let worker = try ConnectedWorker(
      SessionKey(organization: call.organization, name: session), worker: hello.worker,
      functionIDs: hello.functionIDs, at: hub)
    defer { worker.disconnect() }
    try await responses.write(welcome(session, worker))
    hearing.isWelcome.store(true, ordering: .relaxed)
    try await withFirst(
      { try await listen(to: worker, requests, responses, hearing) },
      { try await pass(worker.orders, responses) })
  }

  private func welcome(_ session: String, _ worker: ConnectedWorker) -> GatewayMessage {
    var welcome = WorkerWelcome()
    welcome.session = session
    welcome.pingInterval = hub.times.pingInterval
    welcome.gracePeriod = hub.times.gracePeriod
    welcome.leases = worker.leases
    return GatewayMessage(.welcome(welcome))
  }

  // MARK: In

  private func listen(
    to worker: ConnectedWorker, _ requests: RequestStream,
    _ responses: Responses<GatewayMessage>, _ hearing: Hearing
  ) async throws {
    for try await bytes in requests {
      hearing.heard()
      switch try WorkerMessage(unpacking: bytes, from: .client).content {
      case .hello: throw GatewayError.invalid("hello", "was sent before")
      case .credit(let credit): try worker.addCredit(Int(credit.count))
      case .started(let started): worker.started(started.lease)
      case .progress(let progress):
        try worker.progress(
          progress.lease, offset: progress.offset, progress.output, logs: progress.logs.map(\.text))
      case .result(let result):
        // Answered here, so that a worker that does not read is not read either.
        switch worker.report(result.lease, result.attempt, output: result.output?.payload.data) {
        case .taken: break
        case .settled: try await acknowledge(result.lease, isAccepted: true, responses)
        case .refused: try await acknowledge(result.lease, isAccepted: false, responses)
        }
      case .ping(let ping) where !ping.isAnswer:
        try await responses.write(GatewayMessage(.ping(WorkerPing(ping.number, isAnswer: true))))
      case .drain: worker.drain()
      case .ping, nil: break
      }
    }
  }

  private func acknowledge(
    _ lease: UInt64, isAccepted: Bool, _ responses: Responses<GatewayMessage>
  ) async throws {
    try await responses.write(
      GatewayMessage(.resultAck(WorkerResultAck(lease, isAccepted: isAccepted))))
  }

  // MARK: Out

  private func pass(
    _ orders: WorkerOrders, _ responses: Responses<GatewayMessage>
  ) async throws {
    for await order in orders { try await responses.write(message(for: order)) }
  }

  private func message(for order: WorkerOrder) throws(GatewayError) -> GatewayMessage {
    switch order {
    case .yield: throw GatewayError(.leaseLost, "another stream took over the session")
    case .run(let lease, let attempt):
      return GatewayMessage(.assignment(WorkerAssignment(lease, attempt)))
    case .cancel(let lease, let reason):
      var cancel = WorkerCancel()
      (cancel.lease, cancel.reason) = (lease, reason)
      return GatewayMessage(.cancel(cancel))
    case .settle(let lease):
      return GatewayMessage(.resultAck(WorkerResultAck(lease, isAccepted: true)))
    case .leave:
      var goAway = WorkerGoAway()
      goAway.within = drain
      return GatewayMessage(.goAway(goAway))
    }
  }

  // MARK: Silence

  /// Pings, and throws when nothing was heard for too long.
  private func ping(_ responses: Responses<GatewayMessage>, _ hearing: Hearing) async throws {
    let interval = hub.times.pingInterval
    var number: UInt64 = 0
    while true {
      try await Task.sleep(for: interval)
      guard hearing.silence < interval * 2 else {
        throw RPCError(.unavailable, "nothing was heard from the worker for \(interval * 2)")
      }
      guard hearing.isWelcome.load(ordering: .relaxed) else { continue }
      number += 1
      try await responses.write(GatewayMessage(.ping(WorkerPing(number))))
    }
  }

  /// Runs both until the first ends, and cancels the other.
  private func withFirst(
    _ one: @escaping @Sendable () async throws -> Void,
    _ other: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await one() }
      group.addTask { try await other() }
      defer { group.cancelAll() }
      try await group.next()
    }
  }
}

/// When a worker was heard last.
private final class Hearing: Sendable {
  let isWelcome = Atomic(false)
  private let last = Mutex(ContinuousClock.now)

  func heard() { last.withLock { $0 = .now } }

  var silence: Duration { last.withLock { $0.duration(to: .now) } }
}

extension WorkerHello {
  fileprivate func check() throws(GatewayError) {
    var check = FieldCheck()
    check.text(worker, atMost: WorkerLimits.nameBytesMax, "hello.worker")
    check.text(session, atMost: WorkerLimits.nameBytesMax, "hello.session")
    if functionIDs.isEmpty { check.add("hello.function_ids", "is required") }
    if functionIDs.count > WorkerLimits.functionsMax {
      check.add("hello.function_ids", "has more than \(WorkerLimits.functionsMax) entries")
    }
    for (index, id) in functionIDs.prefix(WorkerLimits.functionsMax).enumerated() {
      check.name(id, .identifier, "hello.function_ids[\(index)]")
    }
    try check.finish()
  }
}

extension WorkerResult {
  fileprivate var attempt: AttemptResult {
    let dataType = output?.payload.dataType ?? ""
    guard let error else { return AttemptResult(.succeeded, dataType: dataType) }
    return AttemptResult(.failed(error.byFunction), dataType: dataType)
  }
}

extension WorkerAssignment {
  fileprivate init(_ lease: UInt64, _ attempt: AttemptRequest) {
    self.init()
    self.lease = lease
    invocationID = attempt.invocationName
    functionID = attempt.function.functionID
    self.attempt = attempt.number
    deadline = attempt.deadline
    subscriptionID = attempt.subscriptionID
    trigger = StoredTrigger(attempt)
  }
}
