internal import EventCore
internal import GRPC
internal import Matching
internal import Messages

extension TriggerService {
  /// What a trigger comes to by the definitions of this moment; nothing is triggered, and no filter's
  /// errors are counted.
  func explainTrigger(
    _ call: Call, _ request: ExplainTriggerRequest
  ) async throws -> ExplainTriggerResponse {
    let cursor = try PageCursor<String>(request.page, scope: request.scope(in: call.organization))
    let trigger = try await subject(of: request, in: call.organization)
    let candidates = try intake.candidates(for: trigger.event, in: call.organization)
    let listed = try subscriptions(request, cursor, in: call.organization)
    var made = trigger
    if case .content = request.subject { made.complete(from: candidates.event) }
    let isFirst = cursor.after == nil
    let explanation = Explanation(of: made, candidates, checksSchema: isFirst)
    var response = isFirst ? explanation.summary() : ExplainTriggerResponse()
    var bytes = response.cloudEvent.utf8.count
    for subscription in listed.prefix(cursor.limit) where bytes < Limits.pageBytesMax {
      // One may take milliseconds, a page has up to 1000, and other calls are on this loop.
      await Task.yield()
      try Task.checkCancellation()
      response.subscriptions.append(explanation.explain(subscription))
      bytes += response.subscriptions.last?.bytes ?? 0
    }
    response.nextPageToken = cursor.token(
      after: response.subscriptions.last?.subscriptionID,
      hasMore: response.subscriptions.count < listed.count)
    return response
  }

  private func subject(
    of request: ExplainTriggerRequest, in organization: Organization
  ) async throws -> Trigger {
    switch request.subject {
    case .triggerID(let id): return try await history.trigger(id, in: organization).trigger
    case .content(let content):
      let trigger = Trigger(content, in: organization)
      try trigger.check().finish()
      return trigger
    case nil: throw GatewayError.invalid("trigger_id", "is required, or trigger")
    }
  }

  private func subscriptions(
    _ request: ExplainTriggerRequest, _ cursor: PageCursor<String>, in organization: Organization
  ) throws(GatewayError) -> [CompiledSubscription] {
    let only = request.subscriptionID
    guard !only.isEmpty else {
      return intake.catalog.subscriptions(after: cursor.after, in: organization)
    }
    guard let found = intake.catalog.compiled(only, in: organization) else {
      throw Definition.Key(.subscription, only).notFound
    }
    return [found]
  }
}

extension ExplainTriggerRequest {
  /// What must be the same on every page.
  fileprivate func scope(in organization: Organization) -> [String] {
    let subject: [String] =
      switch self.subject {
      case .triggerID(let id): [id]
      case .content(let content): content.scope
      case nil: []
      }
    return ["explain", organization.name, subscriptionID] + subject
  }
}

extension TriggerContent {
  /// The same for the same content.
  fileprivate var scope: [String] {
    [
      event, String(StableHash.fnv1a(payload.data)), payload.dataType, source, requestID,
      orderingKey, deliverAt?.description ?? "",
    ] + metadata.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
  }
}
