import EventCore
import Testing

extension TriggerPlan {
  /// With a member for each of `functions`, in their order, by a subscription named for it.
  static func group(
    _ strategy: SubscriptionGroup.Strategy, _ functions: [String] = ["a", "b", "c"],
    key: String = "", at time: Timestamp = start,
    _ edit: (inout SubscriptionGroup) -> Void = { _ in }
  ) -> TriggerPlan {
    var group = SubscriptionGroup()
    group.groupID = "g"
    group.event = "e"
    group.strategy = strategy
    edit(&group)
    var trigger = Trigger.of("e", at: time)
    trigger.orderingKey = key
    let members = functions.enumerated().map { Subscription.member($1, of: group, $0) }
    return TriggerPlan(trigger, EventMatch(Event(), members, [group]))
  }

  /// Triggers with one ordering key.
  static func keyed(
    _ key: String, _ functions: [String] = ["f"], at time: Timestamp = start,
    in organization: Organization = .default
  ) -> TriggerPlan {
    var trigger = Trigger.of("e", at: time, in: organization)
    trigger.orderingKey = key
    var plan = TriggerPlan(trigger)
    plan.invocations = trigger.invocations(functions)
    return plan
  }

  var id: UniqueID { trigger.triggerID }

  func id(_ ordinal: Int) -> InvocationID { invocations[ordinal].id }
}

extension Subscription {
  static func member(
    _ function: String, of group: SubscriptionGroup, _ order: Int
  ) -> Subscription {
    var subscription = Subscription()
    subscription.subscriptionID = "s-\(function)"
    subscription.event = group.event
    subscription.functionID = function
    subscription.groupID = group.groupID
    subscription.order = Int32(order)
    return subscription
  }
}

extension StoreUnderTest {
  /// Accepts plans that must be taken, one after the other.
  func accept(_ plans: TriggerPlan...) async throws {
    for plan in plans {
      guard case .accepted = try await store.accept(plan) else {
        Issue.record("not accepted")
        return
      }
    }
  }

  /// The stored one.
  func invocation(
    _ id: InvocationID, in organization: Organization = .default
  ) async throws -> Invocation {
    try #require(try await store.invocation(id, in: organization))
  }

  func holds(_ id: InvocationID) async throws -> Invocation.Holds {
    try await invocation(id).holds
  }

  /// Of all invocations of a trigger, by ordinal.
  func states(_ plan: TriggerPlan) async throws -> [Invocation.State] {
    try await plan.invocations.indices.asyncMap { try await self.invocation(plan.id($0)).state }
  }

  /// What of it a pool could run now.
  func runnable(_ plan: TriggerPlan, at now: Timestamp = .at(1_000)) async throws -> [Int] {
    var ordinals: [Int] = []
    for function in Set(plan.invocations.map(\.functionID)) {
      let lane = Lane(plan.trigger.organization, function)
      ordinals += try await store.due(lane, at: now, limit: 9_999).assignments
        .map(\.invocation.id).filter { $0.triggerID == plan.id }.map(\.ordinal)
    }
    return ordinals.sorted()
  }

  /// Records one more attempt of the stored invocation; it must not be finished.
  @discardableResult
  func end(
    _ id: InvocationID, _ state: Invocation.State, at time: Timestamp = start,
    retryAt: Timestamp? = nil, running: [InvocationID] = []
  ) async throws -> Consequences {
    let next = try await invocation(id).ended(state, at: time, retryAt: retryAt)
    return try #require(
      try await store.record(next, in: .default, deadLetter: nil, running: attempts(of: running)))
  }

  @discardableResult
  func cancel(
    _ target: CancelTarget, at time: Timestamp = start, running: [InvocationID] = []
  ) async throws -> Consequences {
    try #require(
      try await store.cancel(
        target, in: .default, .byUser, at: time, running: attempts(of: running)))
  }

  @discardableResult
  func redrive(_ ids: InvocationID..., at time: Timestamp = start) async throws -> Consequences {
    try await store.redrive(ids, in: .default, at: time)
  }
}

/// Says that these run their first attempt, since the start.
func attempts(of running: [InvocationID]) -> RunningCheck {
  let ids = Set(running)
  return { id in ids.contains(id) ? .first : nil }
}

extension Attempt {
  static var first: Attempt {
    var attempt = Attempt()
    attempt.number = 1
    attempt.startTime = start
    return attempt
  }
}

extension InvocationError {
  static let byUser = InvocationError(
    .cancelled, code: "CANCELLED", message: "someone did", isFinal: true)
}

extension Range<Int> {
  func asyncMap<T>(_ transform: (Int) async throws -> T) async throws -> [T] {
    var results: [T] = []
    for index in self { results.append(try await transform(index)) }
    return results
  }
}
