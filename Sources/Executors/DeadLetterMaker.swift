import EventCore
import Logging
import Matching
import Synchronization

/// Makes the triggers of dead-letter events.
final class DeadLetterMaker: Sendable {
  private let catalog: Catalog
  private let clock: any PoolClock
  private let logger: Logger
  /// The events that a problem was logged for.
  private let noticed = Mutex<Set<String>>([])

  init(catalog: Catalog, clock: any PoolClock, logger: Logger) {
    self.catalog = catalog
    self.clock = clock
    self.logger = logger
  }

  /// - Parameter invocation: as it is to be recorded.
  /// - Returns: nil if it has not failed, or its policy names no event, or there can't be one: the
  ///   dead letter is in the list all the same.
  func plan(
    for invocation: Invocation, of assignment: Assignment, _ policy: DeliveryPolicy
  ) -> TriggerPlan? {
    guard invocation.state == .failed, !policy.deadLetterEvent.isEmpty else { return nil }
    let event = policy.deadLetterEvent
    var trigger = assignment.trigger
    // What the function could not take; but what was cut off is of no use to another either.
    if let input = assignment.input, !input.isTruncated { trigger.payload = input.payload }
    guard let candidates = catalog.candidates(for: event, in: trigger.organization) else {
      return refuse(event, trigger, "there is no such event")
    }
    guard
      var letter = DeadLetter.trigger(of: invocation, trigger, to: event, at: clock.now())
    else { return refuse(event, trigger, "too many dead letters led to this one") }
    letter.complete(from: candidates.event)
    let match = candidates.match(letter)
    guard match.subscriptions.count <= Limits.invocationsPerTriggerMax else {
      return refuse(event, trigger, "too many subscriptions match it")
    }
    return TriggerPlan(letter, match)
  }

  private func refuse(_ event: String, _ trigger: Trigger, _ problem: String) -> TriggerPlan? {
    let isNew = noticed.withLock { noticed in
      guard noticed.count < ExecutorLimits.deadLetterNoticesMax else { return false }
      return noticed.insert("\(trigger.organization)/\(event): \(problem)").inserted
    }
    guard isNew else { return nil }
    logger.info(
      "a dead letter triggers no event: \(problem)",
      metadata: [
        "organization": "\(trigger.organization)", "event": "\(event)",
        "trigger": "\(trigger.triggerID)",
      ])
    return nil
  }
}
