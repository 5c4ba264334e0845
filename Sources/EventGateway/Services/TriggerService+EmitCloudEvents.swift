internal import EventCore
internal import Messages

extension TriggerService {
  /// A result for each event. They are accepted in the batch's order, many in a commit.
  func emitCloudEvents(
    _ call: Call, _ batch: CloudEventBatch
  ) async throws -> EmitCloudEventsResponse {
    guard batch.events.count <= Limits.cloudEventsPerBatchMax else {
      throw GatewayError.invalid(
        "events",
        "has \(batch.events.count) entries; at most \(Limits.cloudEventsPerBatchMax) are allowed")
    }
    var response = EmitCloudEventsResponse()
    response.results = .init(repeating: .init(), count: batch.events.count)
    var commit = CloudEventCommit()
    for (index, event) in batch.events.enumerated() {
      do {
        let plan = try await intake.check(TriggerContent(event), in: call.organization)
        commit.add(plan, of: index)
      } catch {
        let told = (error as? GatewayError)?.inCloudEvent(at: index) ?? error
        response.results[index] = .init(.error(ErrorStatus(told)))
      }
      if commit.isFull { await accept(&commit, &response) }
      // A check may take milliseconds, and other calls are on this loop.
      await Task.yield()
      // What was accepted stays so; the client may send the batch again.
      try Task.checkCancellation()
    }
    await accept(&commit, &response)
    return response
  }

  private func accept(
    _ commit: inout CloudEventCommit, _ response: inout EmitCloudEventsResponse
  ) async {
    let ready = commit
    commit = CloudEventCommit()
    guard !ready.plans.isEmpty else { return }
    do throws(StoreError) {
      let acceptances = try await intake.accept(ready.plans)
      for (position, index) in ready.indices.enumerated() {
        response.results[index] = .init(
          EmitResult(ready.plans[position], acceptances[position], ofCloudEventAt: index))
      }
    } catch {
      for index in ready.indices { response.results[index] = .init(.error(ErrorStatus(error))) }
    }
  }
}

/// Events that were checked, and go to the store together.
private struct CloudEventCommit {
  private(set) var plans: [TriggerPlan] = []
  /// Where in the batch each of them is.
  private(set) var indices: [Int] = []
  private var invocations = 0

  mutating func add(_ plan: TriggerPlan, of index: Int) {
    plans.append(plan)
    indices.append(index)
    invocations += plan.invocations.count
  }

  var isFull: Bool {
    plans.count >= GatewayLimits.cloudEventsPerCommit
      || invocations >= GatewayLimits.cloudEventInvocationsPerCommit
  }
}

extension EmitResult {
  fileprivate init(
    _ plan: TriggerPlan, _ acceptance: Result<TriggerIntake.Acceptance, GatewayError>,
    ofCloudEventAt index: Int
  ) {
    switch acceptance {
    case .success(let acceptance): self = .accepted(EmitEventResponse(plan, acceptance))
    case .failure(let error): self = .error(ErrorStatus(error.inCloudEvent(at: index)))
    }
  }
}

extension GatewayError {
  /// In the words of the batch instead of a trigger's.
  fileprivate func inCloudEvent(at index: Int) -> GatewayError {
    var error = self
    if reason == .eventIDConflict {
      error.message = "events[\(index)] has the source and id of another event that was accepted"
    } else if !violations.isEmpty {
      error = .invalid(violations.map { $0.inCloudEvent(at: index) }, reason)
    }
    (error.resource, error.retryAfter) = (resource, retryAfter)
    return error
  }
}

extension FieldViolation {
  fileprivate func inCloudEvent(at index: Int) -> FieldViolation {
    FieldViolation(field: "events[\(index)].\(Self.cloudEventField(field))", problem: problem)
  }

  /// Where a CloudEvent has what a trigger's field holds.
  private static func cloudEventField(_ field: String) -> String {
    switch field {
    case "event": "type"
    case "data_type": "attributes[datacontenttype]"
    case "ordering_key": "attributes[partitionkey]"
    case "metadata": "attributes"
    case _ where field.hasPrefix("metadata["): "attributes" + field.dropFirst("metadata".count)
    default: field
    }
  }
}
