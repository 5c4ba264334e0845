package import EventCore
package import Workers

/// Every way of running functions, chosen by `Function.Target`.
package struct Runtimes: FunctionRuntime {
  private let http: HTTPRuntime
  private let grpc: GRPCRuntime
  private let process: ProcessRuntime
  private let workers: WorkerHub

  package init(
    http: HTTPRuntime, grpc: GRPCRuntime, process: ProcessRuntime, workers: WorkerHub
  ) {
    self.http = http
    self.grpc = grpc
    self.process = process
    self.workers = workers
  }

  package func validate(_ function: Function) throws(GatewayError) {
    switch function.target {
    case .http: try http.validate(function)
    case .grpc: try grpc.validate(function)
    case .process: try process.validate(function)
    case .worker: try workers.validate(function)
    case nil:
      throw .invalid("function.target", "is required: set one of http, grpc, process, worker")
    }
  }

  nonisolated(nonsending) package func run(
    _ attempt: AttemptRequest, into sink: any OutputSink
  ) async -> AttemptResult {
    switch attempt.function.target {
    case .http: await http.run(attempt, into: sink)
    case .grpc: await grpc.run(attempt, into: sink)
    // To start a process blocks the thread.
    case .process:
      await withTaskExecutorPreference(globalConcurrentExecutor) {
        await process.run(attempt, into: sink)
      }
    case .worker: await workers.run(attempt, into: sink)
    case nil: .noTarget(attempt.function)
    }
  }

  package func takePlace(in lane: Lane) -> RunPlace { workers.takePlace(in: lane) }

  package func leavePlace(_ place: UInt64, isRecorded: Bool) {
    workers.leavePlace(place, isRecorded: isRecorded)
  }
}

extension AttemptResult {
  /// A function that has not the kind of target that its runtime runs.
  static func noTarget(_ function: Function) -> AttemptResult {
    .failed(
      .system, code: "NO_TARGET", message: "function '\(function.functionID)' has no target",
      isFinal: true)
  }

  /// The caller cancelled the task, so it does not read this.
  static var cancelled: AttemptResult {
    .failed(.cancelled, code: "CANCELLED", message: "the attempt was cancelled")
  }

  static func failed(
    _ errorClass: InvocationError.Class, code: String, message: String, isFinal: Bool = false,
    retryAfter: Duration? = nil, dataType: String = ""
  ) -> AttemptResult {
    let error = InvocationError(
      errorClass, code: code, message: message, isFinal: isFinal, retryAfter: retryAfter)
    return AttemptResult(.failed(error), dataType: dataType)
  }
}
