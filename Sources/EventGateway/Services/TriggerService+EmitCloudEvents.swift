internal import EventCore
internal import Messages

extension TriggerService {
  /// A result for each event, in the batch's order. They go to the store together, and share its
  /// commits; only those of a partition key, and those that are the same event, go one by one.
  func emitCloudEvents(
    _ call: Call, _ batch: CloudEventBatch
  ) async throws -> EmitCloudEventsResponse {
    guard batch.events.count <= Limits.cloudEventsPerBatchMax else {
      throw GatewayError.invalid(
        "events",
        "has \(batch.events.count) entries; at most \(Limits.cloudEventsPerBatchMax) are allowed")
    }
    var results = [EmitCloudEventsResult](repeating: .init(), count: batch.events.count)
    var lines: [String: [CheckedCloudEvent]] = [:]
    for (index, event) in batch.events.enumerated() {
      do throws(GatewayError) {
        let checked = CheckedCloudEvent(index: index, content: try TriggerContent(event))
        lines[checked.line, default: []].append(checked)
      } catch {
        results[index] = .init(.error(ErrorStatus(error.inCloudEvent(at: index))))
      }
    }
    // As many tasks as events at most. What is with the store already goes on when the call ends
    // early, and what waits is dropped: nobody was told that it is durable.
    await withTaskGroup { group in
      for line in lines.values { group.addTask { await emit(line, call) } }
      for await emitted in group {
        for (index, result) in emitted { results[index] = .init(result) }
      }
    }
    try Task.checkCancellation()
    var response = EmitCloudEventsResponse()
    response.results = results
    return response
  }

  private func emit(
    _ line: [CheckedCloudEvent], _ call: Call
  ) async -> [(index: Int, result: EmitResult)] {
    var results: [(index: Int, result: EmitResult)] = []
    for event in line where !Task.isCancelled {
      results.append((event.index, await result(of: event, call)))
    }
    return results
  }

  private func result(of event: CheckedCloudEvent, _ call: Call) async -> EmitResult {
    do {
      return .accepted(try await emit(event.content, call))
    } catch let error as GatewayError {
      return .error(ErrorStatus(error.inCloudEvent(at: event.index)))
    } catch {
      return .error(ErrorStatus(error))
    }
  }
}

/// One event of the batch that is well-formed.
private struct CheckedCloudEvent: Sendable {
  let index: Int
  let content: TriggerContent

  /// What must stay in order: those of a key, or else those with the same source and id.
  var line: String {
    content.orderingKey.isEmpty ? content.requestID : "key " + content.orderingKey
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
