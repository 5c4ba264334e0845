internal import EventCore
internal import Executors
internal import Messages

/// What a client is told about one trigger: turns progress into the stream's messages, and knows
/// when the trigger is finished. A value without I/O.
struct TriggerReport {
  private let trigger: Trigger
  /// The last known state of each invocation, by ordinal.
  private var invocations: [Invocation]

  /// - Parameter invocations: all of the trigger's, by ordinal, as they are known so far.
  init(_ trigger: Trigger, _ invocations: [Invocation]) {
    self.trigger = trigger
    self.invocations = invocations
  }

  var isFinished: Bool { invocations.allSatisfy(\.state.isTerminal) }

  /// The first messages: accepted, then what happened already, as for a duplicate.
  func beginning(isDuplicate: Bool) -> [TriggerEventResponse] {
    var accepted = Accepted()
    accepted.trigger = StoredTrigger(trigger, tally)
    accepted.trigger.trigger.payload.data = []
    accepted.trigger.trigger.metadata = [:]
    accepted.isDuplicate = isDuplicate
    let changed = invocations.filter { $0.state != .pending }
    return [TriggerEventResponse(.accepted(accepted))]
      + changed.map { TriggerEventResponse(.invocation($0)) }
  }

  /// The message for something that happened; nil for what the client knows already.
  mutating func take(_ progress: TriggerProgress) -> TriggerEventResponse? {
    switch progress {
    case .started(let invocation), .changed(let invocation):
      let ordinal = invocation.id.ordinal
      guard invocations.indices.contains(ordinal), !invocations[ordinal].state.isTerminal else {
        return nil
      }
      invocations[ordinal] = invocation
      return TriggerEventResponse(.invocation(invocation))
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

  /// The last message.
  var summary: TriggerEventResponse {
    let tally = tally
    var summary = Summary()
    summary.triggerID = trigger.triggerID.description
    summary.state = tally.triggerState
    summary.succeeded = Int32(tally[.succeeded])
    summary.failed = Int32(tally[.failed])
    summary.cancelled = Int32(tally[.cancelled])
    summary.skipped = Int32(tally[.skipped])
    return TriggerEventResponse(.summary(summary))
  }

  private var tally: InvocationTally {
    var tally = InvocationTally()
    for invocation in invocations { tally[invocation.state] += 1 }
    return tally
  }
}
