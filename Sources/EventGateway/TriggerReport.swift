internal import EventCore
internal import Executors
internal import Messages

/// What a client is told about one trigger: turns progress into the stream's messages, and knows
/// when the trigger is finished. A value without I/O.
struct TriggerReport {
  private let stored: StoredTrigger
  /// What the client knows of each invocation, by ordinal. Not the invocations: a thousand of them
  /// with their outputs and logs take more than a gigabyte.
  private var known: [Known]
  private var unfinished: Int

  private struct Known {
    var state = Invocation.State.pending
    /// See `Invocation.step`; -1: nothing.
    var step: Int32 = -1
    /// The index of its group in `stored.groups`; -1 for none.
    var group: Int16 = -1
  }

  /// For a client that learns of a new trigger: that its invocations are PENDING goes without saying.
  init(_ plan: TriggerPlan) {
    self.init(plan.stored)
    for (group, plan) in plan.groups.enumerated() {
      for ordinal in plan.members { known[ordinal].group = Int16(group) }
    }
    for (ordinal, invocation) in plan.invocations.enumerated() where invocation.state == .pending {
      known[ordinal].step = 0
    }
  }

  /// For a client that knows nothing of the invocations yet: each is news.
  init(_ stored: StoredTrigger) {
    self.stored = stored
    unfinished = stored.total.total
    known = Array(repeating: Known(), count: unfinished)
  }

  /// For a client that goes on after a token.
  ///
  /// - Returns: nil if the token is not one of this trigger.
  init?(_ stored: StoredTrigger, after token: ResumeToken) {
    self.init(stored)
    guard token.triggerID == stored.trigger.triggerID, token.revisions.count == known.count else {
      return nil
    }
    for (ordinal, revision) in token.revisions.enumerated() { known[ordinal].step = 2 * revision }
  }

  var isFinished: Bool { unfinished == 0 }

  /// The first message.
  func accepted(isDuplicate: Bool) -> TriggerEventResponse {
    var accepted = Accepted()
    accepted.trigger = stored
    accepted.trigger.trigger.payload.data = []
    accepted.trigger.trigger.metadata = [:]
    accepted.isDuplicate = isDuplicate
    return TriggerEventResponse(.accepted(accepted), resumeToken: token.text)
  }

  /// The message for something that happened; nil for what the client knows already.
  mutating func take(_ progress: TriggerProgress) -> TriggerEventResponse? {
    switch progress {
    case .started(let invocation), .changed(let invocation):
      return take(invocation)
    case .output(let id, let attempt, let offset, let bytes):
      var chunk = OutputChunk()
      chunk.invocationID = id.description
      chunk.attempt = attempt
      chunk.offset = UInt64(offset)
      chunk.data = bytes
      return TriggerEventResponse(.output(chunk))
    case .log(let id, let line):
      var chunk = LogChunk()
      chunk.invocationID = id.description
      chunk.line = line
      return TriggerEventResponse(.log(chunk))
    }
  }

  /// The message for an invocation as it is now; nil if the client knows that already.
  mutating func take(_ invocation: Invocation) -> TriggerEventResponse? {
    guard note(invocation) else { return nil }
    // RUNNING is not in the store, so that there is nothing to go on after.
    let token = invocation.state == .running ? "" : token.text
    return TriggerEventResponse(.invocation(invocation), resumeToken: token)
  }

  /// Whether the client knows more of it than there is: its token is of a trigger's future that was
  /// lost, as when a backup is restored.
  func isAhead(of invocation: Invocation) -> Bool {
    known.indices.contains(invocation.id.ordinal)
      && known[invocation.id.ordinal].step > invocation.step
  }

  /// - Returns: whether it is news. What was read from the store may come again from the watch.
  private mutating func note(_ invocation: Invocation) -> Bool {
    let ordinal = invocation.id.ordinal
    guard known.indices.contains(ordinal), invocation.step >= known[ordinal].step else {
      return false
    }
    var now = known[ordinal]
    if !invocation.groupID.isEmpty, now.group < 0 { now.group = group(invocation.groupID) }
    unfinished += (now.state.isTerminal ? 1 : 0) - (invocation.state.isTerminal ? 1 : 0)
    (now.state, now.step) = (invocation.state, invocation.step)
    defer { known[ordinal] = now }
    return now.step > known[ordinal].step
  }

  private func group(_ id: String) -> Int16 {
    stored.groups.firstIndex { $0.groupID == id }.map(Int16.init) ?? -1
  }

  /// A change that is stored has an even step: of RUNNING the token keeps what was before.
  private var token: ResumeToken {
    ResumeToken(stored.trigger.triggerID, revisions: known.lazy.map { $0.step >> 1 })
  }

  /// The last message.
  var summary: TriggerEventResponse {
    let ended = ended
    var summary = Summary()
    summary.triggerID = stored.trigger.triggerID.description
    summary.state = ended.state
    summary.succeeded = Int32(ended.total[.succeeded])
    summary.failed = Int32(ended.total[.failed])
    summary.cancelled = Int32(ended.total[.cancelled])
    summary.skipped = Int32(ended.total[.skipped])
    summary.groups = ended.groups
    return TriggerEventResponse(.summary(summary), resumeToken: token.text)
  }

  /// The trigger as the client knows it.
  private var ended: StoredTrigger {
    var ended = StoredTrigger(stored.trigger, InvocationTally())
    var members = Array(repeating: [Invocation.State](), count: stored.groups.count)
    for invocation in known {
      if invocation.group < 0 {
        ended.tally[invocation.state] += 1
      } else {
        members[Int(invocation.group)].append(invocation.state)
      }
    }
    ended.groups = zip(stored.groups, members).map { group, states in
      GroupReport(group.groupID, needed: group.needed, states: states)
    }
    return ended
  }
}

extension Invocation {
  /// Grows with every change: even for what is stored, odd while the next attempt runs.
  fileprivate var step: Int32 { state == .running ? 2 * revision + 1 : 2 * revision }
}
