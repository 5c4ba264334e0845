import EventCore

/// What one could see of a gateway from outside: what clients were told, what functions saw, and
/// when it crashed. Nothing in it is the store's or the pool's own view.
struct History {
  private(set) var entries: [Entry] = []

  struct Entry {
    var time: Timestamp
    var fact: Fact
  }

  enum Fact {
    case defined(World)
    case accepted(Accepted)
    /// A request id was answered by this trigger.
    case answered(request: String, UniqueID)
    /// A function was called. Found due at `foundAt`, maybe some time before.
    case started(InvocationID, foundAt: Timestamp)
    /// It was told what became of an invocation.
    case changed(Invocation)
    case paused(subscription: String)
    case resumed(subscription: String)
    case redriven([InvocationID])
    case crashed
    /// A watcher heard of a change.
    case heard(place: Int64, InvocationID, revision: Int32)
    /// The watcher came back with the token of an earlier place.
    case rewound(place: Int64)
    /// Nothing was left to do, though this many invocations were unfinished.
    case stuck(unfinished: Int)
  }

  struct Accepted {
    var id: UniqueID
    var event: String
    var key: String
    var deliverAt: Timestamp?
    var invocations: [Invocation]
  }

  mutating func note(_ fact: Fact, at time: Timestamp) {
    entries.append(Entry(time: time, fact: fact))
  }
}

/// Who subscribes to what, for the length of a history.
struct World {
  var subscriptions: [Subscription] = []
  var groups: [SubscriptionGroup] = []

  func subscription(_ id: String) -> Subscription? {
    subscriptions.first { $0.subscriptionID == id }
  }

  func group(_ id: String) -> SubscriptionGroup? { groups.first { $0.groupID == id } }
}

extension History: CustomStringConvertible {
  var description: String {
    entries.map { "\($0.time.nanoseconds / 1_000_000) ms  \($0.fact.text)" }
      .joined(separator: "\n")
  }
}

extension History.Fact {
  fileprivate var text: String {
    switch self {
    case .defined(let world):
      "defined " + world.subscriptions.map(\.text).joined(separator: ", ") + "; "
        + world.groups.map(\.text).joined(separator: ", ")
    case .accepted(let trigger):
      "accepted \(trigger.id.short) \(trigger.event) key '\(trigger.key)' "
        + trigger.invocations.map { "\($0.subscriptionID):\($0.state)" }.joined(separator: " ")
    case .answered(let request, let id): "answered \(request) with \(id.short)"
    case .started(let id, _): "started \(id.short)"
    case .changed(let next):
      "changed \(next.id.short) to \(next.state), revision \(next.revision), \(next.error?.code ?? "")"
    case .paused(let id): "paused \(id)"
    case .resumed(let id): "resumed \(id)"
    case .redriven(let ids): "redriven " + ids.map(\.short).joined(separator: " ")
    case .crashed: "crashed"
    case .heard(let place, let id, let revision): "heard \(place): \(id.short) \(revision)"
    case .rewound(let place): "rewound to \(place)"
    case .stuck(let unfinished): "stuck with \(unfinished)"
    }
  }
}

extension Subscription {
  fileprivate var text: String {
    "\(subscriptionID) (\(event), group '\(groupID)' \(order), \(delivery.maxAttempts) attempts)"
  }
}

extension SubscriptionGroup {
  fileprivate var text: String {
    "\(groupID) (\(strategy), \(effectiveOnFailure), \(completion) \(quorum))"
  }
}

extension UniqueID {
  /// The simulation numbers its triggers.
  var short: String { "t\(low)" }
}

extension InvocationID {
  var short: String { "\(triggerID.short).\(ordinal)" }
}
