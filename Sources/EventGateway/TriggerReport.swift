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

  private struct Known {
    var state = Invocation.State.pending
    var step: Int32 = 0
  }

  /// - Parameter stored: its tally is told with `accepted`; of no invocation anything is told yet.
  init(_ stored: StoredTrigger) {
    self.stored = stored
    known = Array(repeating: Known(), count: stored.tally.total)
  }

  var isFinished: Bool { known.allSatisfy(\.state.isTerminal) }

  /// The first message.
  func accepted(isDuplicate: Bool) -> TriggerEventResponse {
    var accepted = Accepted()
    accepted.trigger = stored
    accepted.trigger.trigger.payload.data = []
    accepted.trigger.trigger.metadata = [:]
    accepted.isDuplicate = isDuplicate
    return TriggerEventResponse(.accepted(accepted))
  }

  /// The message for something that happened; nil for what the client knows already.
  mutating func take(_ progress: TriggerProgress) -> TriggerEventResponse? {
    switch progress {
    case .started(let invocation), .changed(let invocation):
      return note(invocation) ? TriggerEventResponse(.invocation(invocation)) : nil
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

  /// - Returns: whether it is news. What was read from the store may come again from the watch.
  private mutating func note(_ invocation: Invocation) -> Bool {
    let ordinal = invocation.id.ordinal
    guard known.indices.contains(ordinal), !known[ordinal].state.isTerminal else { return false }
    let step = invocation.step
    guard invocation.state.isTerminal || step > known[ordinal].step else { return false }
    known[ordinal] = Known(state: invocation.state, step: step)
    return true
  }

  /// The last message.
  var summary: TriggerEventResponse {
    var tally = InvocationTally()
    for invocation in known { tally[invocation.state] += 1 }
    var summary = Summary()
    summary.triggerID = stored.trigger.triggerID.description
    summary.state = tally.triggerState
    summary.succeeded = Int32(tally[.succeeded])
    summary.failed = Int32(tally[.failed])
    summary.cancelled = Int32(tally[.cancelled])
    summary.skipped = Int32(tally[.skipped])
    return TriggerEventResponse(.summary(summary))
  }
}

extension Invocation {
  /// Counts the starts and ends of attempts: 0 before the first, odd while one runs.
  fileprivate var step: Int32 {
    let attempt = attempts.last?.number ?? 0
    return state == .running ? 2 * attempt - 1 : 2 * attempt
  }
}
