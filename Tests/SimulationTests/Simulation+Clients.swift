import EventCore
import Matching
import MemoryStore

/// What publishers and operators do.
extension Simulation {
  mutating func publish() {
    var trigger = Trigger()
    trigger.event = "e"
    trigger.receivedAt = now
    trigger.triggerID = nextID()
    if chance(60) { trigger.orderingKey = pick(["a", "b"]) }
    if trigger.orderingKey.isEmpty, chance(30) {
      trigger.deliverAt = now + .seconds(pick([-1, 1, 20]))
    }
    // Another one under the same id is refused; the same is answered by the first.
    if chance(20) {
      trigger.requestID = pick(["r1", "r2", "r3"])
      (trigger.orderingKey, trigger.deliverAt) = ("a", nil)
    }
    accept(TriggerPlan(trigger, catalog.match(trigger)!))
  }

  mutating func nextID() -> UniqueID {
    lastNumber += 1
    return UniqueID(high: UInt64(now.nanoseconds), low: lastNumber)
  }

  private mutating func accept(_ plan: TriggerPlan) {
    let request = plan.trigger.requestID
    switch store.accept(plan) {
    case .accepted(let held):
      noteAccepted(plan)
      if !request.isEmpty { note(.answered(request: request, plan.trigger.triggerID)) }
      for invocation in plan.invocations where !held.contains(invocation.id.ordinal) {
        if chance(50) { pool.hint(plan.trigger, invocation, at: now) }
      }
    case .duplicate(let first):
      note(.answered(request: request, first.trigger.triggerID))
    case .conflict, .full: preconditionFailure("refused")
    }
  }

  mutating func noteAccepted(_ plan: TriggerPlan) {
    triggers.append(plan.trigger.triggerID)
    invocations += plan.invocations.map(\.id)
    note(
      .accepted(
        History.Accepted(
          id: plan.trigger.triggerID, event: plan.trigger.event, key: plan.trigger.orderingKey,
          deliverAt: plan.trigger.deliverAt, invocations: plan.invocations)))
  }

  // MARK: Operators

  var pausedSubscriptions: [Subscription] {
    world.subscriptions.compactMap { catalog.subscription($0.subscriptionID, in: .default) }
      .filter(\.isPaused)
  }

  mutating func pause() {
    setPaused(pick(world.subscriptions).subscriptionID, true)
  }

  mutating func resume() {
    guard let paused = pausedSubscriptions.randomElement(using: &random) else { return }
    setPaused(paused.subscriptionID, false)
  }

  private mutating func setPaused(_ id: String, _ isPaused: Bool) {
    var subscription = catalog.subscription(id, in: .default)!
    subscription.isPaused = isPaused
    write([.update(.subscription(subscription), revision: subscription.stamp.revision)])
    note(isPaused ? .paused(subscription: id) : .resumed(subscription: id))
  }

  mutating func cancel() {
    guard let id = invocations.randomElement(using: &random) else { return }
    let target = chance(50) ? CancelTarget.invocation(id) : .trigger(id.triggerID)
    let error = InvocationError(.cancelled, code: "CANCELLED", message: "", isFinal: true)
    let running = pool.check
    if let consequences = store.cancel(target, in: .default, error, at: now, running: running) {
      apply(consequences)
    }
  }

  mutating func redrive() {
    let ids = (0..<pick([1, 3])).compactMap { _ in invocations.randomElement(using: &random) }
    let consequences = store.redrive(ids, in: .default, at: now)
    apply(consequences)
    note(.redriven(consequences.changed.map(\.id)))
  }
}
