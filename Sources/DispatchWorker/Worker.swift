internal import EventCore
internal import GRPC
internal import Logging
internal import Messages
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle

/// Runs functions of an event gateway: connects to it, takes as many attempts as it has room for,
/// and gives back what comes of them.
///
/// ```swift
/// let worker = try Worker(
///   Worker.Configuration(address: "127.0.0.1:7070"),
///   functions: [
///     "shout": { job in .text(job.text.uppercased()) }
///   ])
/// try await worker.run()
/// ```
///
/// A function runs in a task of its own, and should not block its thread for long. At least once: an
/// attempt whose worker is lost is made again, with the same ``Job/invocationID``.
public final class Worker: Service {
  /// Called for each attempt. What it returns is added to what it wrote; what it throws fails the
  /// attempt, see ``FunctionError``.
  public typealias Function = @Sendable (Job) async throws -> FunctionOutput?

  private let configuration: Configuration
  private let client: GRPCClient.Configuration
  private let functions: [String: Function]
  private let state: WorkerState

  /// - Parameter functions: by their `function_id`; 1 to 256. They need not exist in the gateway yet.
  /// - Throws: ``WorkerError`` for a configuration that can't be used; reads the files of TLS.
  public init(
    _ configuration: Configuration, functions: [String: Function]
  ) throws(WorkerError) {
    try configuration.check()
    guard (1...WorkerLimits.functionsMax).contains(functions.count) else {
      throw WorkerError(
        "a worker has \(functions.count) functions; it must have from 1 to"
          + " \(WorkerLimits.functionsMax)")
    }
    self.configuration = configuration
    self.functions = functions
    client = try configuration.client()
    state = WorkerState(
      Conversation(
        worker: configuration.name, session: "\(UniqueID(at: .now()))",
        functionIDs: functions.keys.sorted(), concurrency: configuration.concurrency))
  }

  /// Works until it has drained, and connects again when the gateway is away: results are kept until
  /// it acknowledges them, and attempts go on. Call it once.
  ///
  /// Run by a `ServiceGroup`, it drains at a graceful shutdown. When its task is cancelled, so are the
  /// functions, and their attempts are lost.
  ///
  /// - Throws: ``WorkerError`` when the gateway refuses the worker, `CancellationError` when cancelled.
  public func run() async throws {
    do {
      try await withGracefulShutdownHandler {
        try await work()
      } onGracefulShutdown: { [self] in
        drain()
      }
    } catch {
      await state.stopAll()
      throw error
    }
  }

  /// Takes no more work; ``run()`` returns when what runs is done and acknowledged.
  public func drain() {
    state.converse { $0.drain() }
  }

  // MARK: Connections

  private func work() async throws {
    var pause = ReconnectPause()
    while !state.read({ $0.isOver }) {
      try Task.checkCancellation()
      do {
        try await connect()
        pause.reset()
      } catch let error as RPCError {
        try Task.checkCancellation()
        if error.code.isRefusal { throw WorkerError("the gateway refuses the worker: \(error)") }
        configuration.logger.notice("lost the gateway", metadata: ["reason": "\(error)"])
      }
      await rest(pause.next(chance: .random(in: -1...1)))
    }
  }

  /// With a client of its own, so that nothing of a dead connection is used again.
  private func connect() async throws {
    let client = GRPCClient(
      client, group: MultiThreadedEventLoopGroup.singleton, logger: configuration.logger)
    let (requests, responses) = client.bidirectional(
      "/dispatch.events.v1.WorkerService/Connect",
      metadata: ["x-dispatch-org": configuration.organization])
    let stream = WorkerStream(state: state, requests: requests, responses: responses) { [self] in
      perform($0)
    }
    do {
      try await stream.run()
    } catch {
      await client.close()
      throw error
    }
    await client.close()
  }

  /// Cut short when there is nothing left to do.
  private func rest(_ pause: Duration) async {
    let changes = state.changes()
    await withTaskGroup { group in
      group.addTask { try? await Task.sleep(for: pause) }
      group.addTask { [state] in
        for await _ in changes where state.read({ $0.isOver }) { return }
      }
      await group.next()
      group.cancelAll()
    }
  }

  // MARK: Functions

  private func perform(_ action: Conversation.Action) {
    switch action {
    case .start(let assignment):
      let lease = assignment.lease
      state.start(lease) { [self] in
        let outcome = await outcome(of: Job(assignment, state))
        state.converse { $0.finish(lease, outcome) }
        state.ended(lease)
      }
    case .stop(let lease, let reason):
      configuration.logger.info("stopping an attempt", metadata: ["reason": "\(reason)"])
      state.stop(lease)
    }
  }

  private func outcome(of job: Job) async -> Result<FunctionOutput?, FunctionError> {
    guard let function = functions[job.functionID] else {
      return .failure(
        FunctionError(
          code: "FUNCTION_UNKNOWN", message: "the worker has no function '\(job.functionID)'"))
    }
    do {
      return .success(try await function(job))
    } catch let error as FunctionError {
      return .failure(error)
    } catch {
      return .failure(FunctionError(code: "\(type(of: error))", message: "\(error)"))
    }
  }
}

extension StatusCode {
  /// Trying again would change nothing: the worker breaks a rule, may not come in, is at the wrong
  /// address, or has a session that another worker uses.
  fileprivate var isRefusal: Bool {
    switch self {
    case .invalidArgument, .unauthenticated, .permissionDenied, .unimplemented, .aborted: true
    default: false
    }
  }
}
