internal import EventCore
internal import GRPC
internal import Messages

/// Both also for managed subscriptions: it is the subscription's state, not what it binds.
extension SubscriptionService {
  func pause(_ call: Call, _ request: PauseSubscriptionRequest) async throws -> Subscription {
    var check = FieldCheck()
    check.text(request.reason, atMost: Limits.stateReasonBytesMax, "reason")
    try check.finish()
    return try await change(call, request.subscriptionID, etag: request.etag) { subscription in
      subscription.isPaused = true
      subscription.stateReason = request.reason
    }
  }

  func resume(_ call: Call, _ request: ResumeSubscriptionRequest) async throws -> Subscription {
    try await change(call, request.subscriptionID, etag: request.etag) { subscription in
      subscription.isPaused = false
      subscription.stateReason = ""
    }
  }

  /// Writes nothing if that changes nothing, so that a repeated call does not break an etag.
  private func change(
    _ call: Call, _ id: String, etag: String, _ apply: (inout Subscription) -> Void
  ) async throws -> Subscription {
    let changed = try await definitions.change(
      Subscription.self, id, "subscription_id", etag: etag, in: call.organization
    ) { current in
      var wanted = current
      apply(&wanted)
      guard wanted != current else { return [] }
      return [.update(.subscription(wanted), revision: current.stamp.revision)]
    }
    guard let changed else { throw Definition.Key(.subscription, id).notFound }
    return changed
  }
}
