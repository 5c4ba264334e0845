/// Subscriptions to one event whose functions run under one strategy. A group never affects another,
/// nor subscriptions without one.
package struct SubscriptionGroup: Hashable, Codable, Sendable {
  package var groupID = ""
  /// The event's name, not a pattern; its members subscribe to the same.
  package var event = ""
  package var strategy = Strategy.parallel
  /// Nil stands for the strategy's own: see `effectiveOnFailure`.
  package var onFailure: OnFailure?
  package var completion = Completion.all
  /// For `.quorum`: how many members must succeed.
  package var quorum: Int32 = 0
  /// From when the trigger is due to the group's outcome; nil for none.
  package var timeout: Duration?
  /// For `.sequence`: each output is the next member's payload.
  package var pipesOutput = false
  package var metadata: [String: String] = [:]
  package var stamp = ResourceStamp()

  package init() {}

  package enum Strategy: Int32, Codable, Sendable {
    /// All at once.
    case parallel = 1
    /// One after another, by `Subscription.order`.
    case sequence
    /// By `Subscription.order` until one succeeds.
    case firstSuccess
    /// One of them, by `Subscription.weight`, the same for the same ordering key.
    case oneOf
  }

  /// What the failure of a member, after all its retries, does to the others.
  package enum OnFailure: Int32, Codable, Sendable {
    case `continue` = 1
    /// Members that have not started are skipped; the others go on.
    case stop
    /// Members that have not started are skipped; the others are cancelled.
    case cancelRemaining
  }

  /// How many members must succeed for the group to succeed.
  package enum Completion: Int32, Codable, Sendable {
    case all = 1
    case any, quorum
  }

  /// A sequence stops at a failure unless told otherwise; members that run at once go on.
  package var effectiveOnFailure: OnFailure {
    onFailure ?? (strategy == .sequence ? .stop : .continue)
  }

  package func check(_ path: String) -> FieldCheck {
    var check = FieldCheck()
    check.name(groupID, .identifier, "\(path).group")
    check.name(event, .event, "\(path).event")
    check.metadata(metadata, "\(path).metadata")
    if let timeout {
      check.range(timeout, .milliseconds(1)...Limits.groupTimeoutMax, "\(path).timeout")
    }
    if strategy == .firstSuccess || strategy == .oneOf {
      let only = "belongs to the strategies PARALLEL and SEQUENCE"
      if onFailure != nil { check.add("\(path).on_failure", only) }
      if completion != .all { check.add("\(path).completion", only) }
    }
    if pipesOutput, strategy != .sequence {
      check.add("\(path).pipe_output", "belongs to the strategy SEQUENCE")
    }
    if completion == .quorum {
      check.range(quorum, 1...Int32(Limits.groupMembersMax), "\(path).quorum")
    } else if quorum != 0 {
      check.add("\(path).quorum", "belongs to COMPLETION_QUORUM")
    }
    return check
  }
}
