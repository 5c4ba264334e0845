import EventCore

extension Lane {
  static let sample = Lane(.default, "bill")
}

extension TriggerPlan {
  /// One invocation.
  static func sample(_ trigger: Trigger = .sample) -> TriggerPlan {
    var plan = TriggerPlan(trigger)
    var invocation = Invocation()
    invocation.id = InvocationID(triggerID: trigger.triggerID, ordinal: 0)
    invocation.functionID = Lane.sample.functionID
    invocation.subscriptionID = "billing"
    plan.invocations = [invocation]
    return plan
  }
}

extension Trigger {
  static var sample: Trigger {
    var trigger = Trigger()
    trigger.receivedAt = .now()
    trigger.triggerID = UniqueID(at: trigger.receivedAt)
    trigger.event = "order.created"
    trigger.payload = Payload(data: Trigger.spaces, dataType: "application/json")
    trigger.eventRevision = 1
    return trigger
  }

  private static let spaces = [UInt8](repeating: 0x20, count: 200)
}

extension Invocation {
  /// After an attempt that succeeded.
  var finished: Invocation { after(.succeeded) }

  /// After an attempt that failed; the next one is due in a day.
  var retrying: Invocation {
    var retrying = after(.failed(InvocationError(.function, code: "HTTP_503", message: "busy")))
    retrying.nextAttemptTime = .now() + .seconds(86_400)
    return retrying
  }

  private func after(_ outcome: AttemptOutcome) -> Invocation {
    var attempt = Attempt()
    attempt.number = 1
    attempt.startTime = .now()
    attempt.endTime = .now()
    return after(attempt, outcome, policy: DeliveryPolicy(), due: attempt.startTime, chance: 0)
  }
}
