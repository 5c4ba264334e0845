import EventCore
import Testing

/// When the tests take place: 2027-01-15T08:00:00Z.
let start = Timestamp(nanoseconds: 1_800_000_000_000_000_000)

extension Timestamp {
  /// So many seconds after the start of the tests.
  static func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }
}

extension Organization {
  static let other = Organization(unchecked: "other")
}

extension Definition {
  static func event(_ name: String, function: String = "", data: [UInt8] = []) -> Definition {
    var event = Event()
    event.event = name
    event.functionID = function
    event.data = data
    return .event(event)
  }

  static func function(_ id: String, url: String = "http://localhost/") -> Definition {
    var target = HTTPTarget()
    target.url = url
    var function = Function()
    function.functionID = id
    function.target = .http(target)
    return .function(function)
  }

  static func subscription(_ id: String, to event: String, function: String) -> Definition {
    var subscription = Subscription()
    subscription.subscriptionID = id
    subscription.event = event
    subscription.functionID = function
    return .subscription(subscription)
  }
}

extension EventStore {
  /// Commits changes that must not be refused; returns what was written.
  @discardableResult
  func define(
    _ changes: DefinitionChange..., in organization: Organization = .default,
    at now: Timestamp = start
  ) async throws -> [Definition] {
    let outcome = try await commit(DefinitionTransaction(in: organization, changes, now: now))
    guard case .committed(let written) = outcome else {
      Issue.record("refused: \(outcome)")
      return []
    }
    return written
  }

  /// Commits changes that must be refused; returns why.
  func refusal(
    of changes: DefinitionChange..., in organization: Organization = .default
  ) async throws -> DefinitionOutcome.Refusal? {
    let outcome = try await commit(DefinitionTransaction(in: organization, changes, now: start))
    guard case .refused(let refusal) = outcome else {
      Issue.record("not refused: \(outcome)")
      return nil
    }
    return refusal
  }

  /// Accepts a trigger with an invocation for each function; returns what it made.
  @discardableResult
  func trigger(
    _ event: String = "order.created", _ functions: [String] = ["f"], at time: Timestamp = start,
    in organization: Organization = .default
  ) async throws -> Accepted {
    let trigger = Trigger.of(event, at: time, in: organization)
    let invocations = trigger.invocations(functions)
    #expect(try await accept(trigger, invocations) == .accepted(held: []))
    return Accepted(trigger: trigger, invocations: invocations)
  }
}

struct Accepted {
  var trigger: Trigger
  var invocations: [Invocation]
}

extension EventStore {
  func accept(
    _ trigger: Trigger, _ invocations: [Invocation]
  ) async throws(StoreError) -> AcceptOutcome {
    var plan = TriggerPlan(trigger)
    plan.invocations = invocations
    return try await accept(plan)
  }

  /// With nothing that runs.
  ///
  /// - Returns: whether it was written.
  func record(_ invocation: Invocation) async throws(StoreError) -> Bool {
    try await record(invocation, in: .default, deadLetter: nil, running: nothingRuns) != nil
  }

  func due(
    _ lane: Lane, at now: Timestamp, limit: Int, without known: Set<InvocationID> = [],
    by order: DueOrder = .priority(above: nil)
  ) async throws(StoreError) -> DueWork {
    try await due(lane, at: now, limit: limit, without: known, order)
  }
}

let nothingRuns: RunningCheck = { _ in nil }

extension Trigger {
  static func of(
    _ event: String = "order.created", at time: Timestamp = start, data: String = "{}",
    requestID: String = "", in organization: Organization = .default
  ) -> Trigger {
    var trigger = Trigger()
    trigger.triggerID = UniqueID(at: time)
    trigger.organization = organization
    trigger.event = event
    trigger.payload = Payload(data: Array(data.utf8), dataType: "application/json")
    trigger.receivedAt = time
    trigger.requestID = requestID
    trigger.eventRevision = 1
    return trigger
  }

  /// One for each function, by a subscription named for it: `f` by `s-f`.
  func invocations(_ functions: [String]) -> [Invocation] {
    functions.enumerated().map { ordinal, function in
      var invocation = Invocation()
      invocation.id = InvocationID(triggerID: triggerID, ordinal: ordinal)
      invocation.functionID = function
      invocation.subscriptionID = "s-\(function)"
      return invocation
    }
  }
}

extension Invocation {
  /// As after one more attempt that began at `time` and took a second.
  func ended(
    _ state: State, at time: Timestamp = start, retryAt: Timestamp? = nil
  ) -> Invocation {
    var next = self
    var attempt = Attempt()
    attempt.number = Int32(attempts.count + 1)
    attempt.startTime = time
    attempt.endTime = time + .seconds(1)
    if state != .succeeded {
      attempt.error = InvocationError(.function, code: "HTTP_503", message: "busy")
    }
    next.attempts.append(attempt)
    next.error = attempt.error
    next.state = state
    next.nextAttemptTime = retryAt
    // As the store counts it.
    next.revision += 1
    return next
  }
}
