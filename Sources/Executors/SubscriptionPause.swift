import EventCore
import Logging
import Matching

/// Pauses the subscription of a function that says that it is gone, so that what is triggered
/// meanwhile waits for somebody who looks after it.
struct SubscriptionPause: Sendable {
  let store: any EventStore
  let catalog: Catalog
  let clock: any PoolClock
  let retry: StoreRetry
  let logger: Logger

  /// Returns when the subscription is paused, or needs no pause: it is gone, is paused already, or
  /// has another function by now.
  func pause(
    for invocation: Invocation, in organization: Organization, _ reason: String
  ) async {
    for _ in 0..<ExecutorLimits.pauseTriesMax {
      guard
        var subscription = catalog.subscription(invocation.subscriptionID, in: organization),
        !subscription.isPaused, subscription.functionID == invocation.functionID
      else { return }
      let revision = subscription.stamp.revision
      subscription.isPaused = true
      subscription.stateReason = reason.cut(toBytes: Limits.stateReasonBytesMax)
      let transaction = DefinitionTransaction(
        in: organization, [.update(.subscription(subscription), revision: revision)],
        now: clock.now())
      let outcome = await retry.persist { () throws(StoreError) in
        try await store.commit(transaction)
      }
      switch outcome {
      case .committed: return note(subscription, organization)
      // The catalog has seen the other's change before this returned.
      case .refused(.revisionMismatch): continue
      case .refused(let refusal): return fail(subscription, organization, "\(refusal)")
      case nil: return
      }
    }
    logger.warning(
      "a subscription is written too often to be paused",
      metadata: ["subscription": "\(invocation.subscriptionID)"])
  }

  private func note(_ subscription: Subscription, _ organization: Organization) {
    logger.notice(
      "a subscription was paused: \(subscription.stateReason)",
      metadata: [
        "organization": "\(organization)", "subscription": "\(subscription.subscriptionID)",
        "function": "\(subscription.functionID)",
      ])
  }

  private func fail(
    _ subscription: Subscription, _ organization: Organization, _ problem: String
  ) {
    logger.warning(
      "a subscription can't be paused: \(problem)",
      metadata: [
        "organization": "\(organization)", "subscription": "\(subscription.subscriptionID)",
      ])
  }
}
