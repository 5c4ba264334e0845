internal import EventCore
internal import Executors
internal import GRPC
internal import Matching
internal import Messages

extension FunctionService {
  /// Started, output and logs as they come, then the result.
  func invokeFunction(
    _ call: Call, _ request: InvokeFunctionRequest,
    _ responses: Responses<InvokeFunctionResponse>
  ) async throws {
    let trigger = Trigger(request, in: call.organization, at: .now())
    try request.check(trigger).finish()
    guard catalog.function(request.functionID, in: call.organization) != nil else {
      throw Definition.Key(.function, request.functionID).notFound
    }
    let run = try pool.run(request.functionID, with: trigger, within: request.timeout)
    do {
      try await withTaskCancellationHandler {
        try await tell(run.progress, call, responses)
        try await tell(run.end, responses)
      } onCancel: {
        run.cancel()
      }
    } catch {
      // Nobody reads any more: the call is over when the function is.
      run.cancel()
      _ = await run.end
      throw error
    }
  }

  private func tell(
    _ progress: TriggerWatch, _ call: Call, _ responses: Responses<InvokeFunctionResponse>
  ) async throws {
    let keepAlive = keepAlives.start(call.server) { [responses] in
      try await responses.write(InvokeFunctionResponse(.keepAlive))
    }
    defer { keepAlives.stop(keepAlive) }
    while let batch = await progress.next() {
      for progress in batch {
        guard let update = InvokeFunctionResponse.Update(progress) else { continue }
        keepAlive.postpone()
        try await responses.write(InvokeFunctionResponse(update))
      }
    }
    try Task.checkCancellation()
  }

  private func tell(
    _ end: DirectRun.End, _ responses: Responses<InvokeFunctionResponse>
  ) async throws {
    switch end {
    case .ran(let attempt, let output, let time):
      var result = FunctionResult()
      if case .failed(let error) = attempt.outcome { result.error = error }
      (result.output, result.runTime, result.worker) = (output, time, attempt.worker)
      try await responses.write(InvokeFunctionResponse(.result(result)))
    case .refused(let error): throw error
    case .stopped:
      try Task.checkCancellation()
      throw GatewayError(
        .draining, "the gateway is shutting down; the function was stopped",
        retryAfter: .seconds(1))
    }
  }
}

extension InvokeFunctionResponse.Update {
  /// Nil for what a caller is not told.
  fileprivate init?(_ progress: TriggerProgress) {
    switch progress {
    case .started(let invocation):
      var started = FunctionStarted()
      started.id = invocation.id.triggerID.description
      self = .started(started)
    case .output(_, _, let offset, let bytes):
      var chunk = FunctionChunk()
      (chunk.offset, chunk.data) = (UInt64(offset), bytes)
      self = .output(chunk)
    case .log(_, let line): self = .log(line)
    case .changed: return nil
    }
  }
}

extension InvokeFunctionRequest {
  fileprivate func check(_ trigger: Trigger) -> FieldCheck {
    var check = trigger.check()
    check.name(functionID, .identifier, "function_id")
    check.range(timeout, .milliseconds(1)...Limits.attemptTimeoutMax, "timeout")
    return check
  }
}

extension Trigger {
  /// What the function gets of it.
  fileprivate init(
    _ request: InvokeFunctionRequest, in organization: Organization, at now: Timestamp
  ) {
    self.init()
    triggerID = UniqueID(at: now)
    receivedAt = now
    self.organization = organization
    event = request.event.isEmpty ? "dispatch.invoke" : request.event
    payload = request.payload
    if payload.dataType.isEmpty { payload.dataType = Payload.defaultDataType }
    metadata = request.metadata
    source = "/organizations/\(organization)/functions/\(request.functionID)"
  }
}
