import EventCore
import Messages

/// Tells a trigger's stream to a person, a line at a time.
struct TriggerNarrator {
  /// The subscription of each invocation, learned from its updates.
  private var subscriptions: [String: String] = [:]
  /// Of each invocation, what was written after its last line end.
  private var partialLines: [String: [UInt8]] = [:]

  mutating func lines(for response: TriggerEventResponse) -> [String] {
    switch response.update {
    case .accepted(let accepted): [Self.line(accepted)]
    case .invocation(let invocation): lines(for: invocation)
    case .output(let chunk): lines(for: chunk)
    case .log(let chunk): ["  \(name(chunk.invocationID)) ! \(chunk.line.text.printable)"]
    case .summary(let summary): summary.groups.map(Self.line) + [Self.line(summary)]
    case .keepAlive, nil: []
    }
  }

  private static func line(_ accepted: Accepted) -> String {
    let trigger = accepted.trigger.trigger
    let repeated = accepted.isDuplicate ? " (the same request as before)" : ""
    let count = accepted.trigger.total.total
    return "accepted \(trigger.triggerID)\(repeated): \(trigger.event),"
      + " \(count) function\(count == 1 ? "" : "s")"
  }

  private mutating func lines(for invocation: Invocation) -> [String] {
    let id = invocation.id.description
    subscriptions[id] = invocation.subscriptionID
    let name = name(id)
    let attempt = invocation.attempts.last?.number ?? 0
    guard invocation.state != .running else {
      return ["  \(name) > \(invocation.functionID), attempt \(attempt)"]
    }
    let rest = partialLines.removeValue(forKey: id).map { ["  \(name) | \(Self.text($0))"] }
    return (rest ?? []) + ["  \(name) = \(Self.outcome(invocation))"]
  }

  static func outcome(_ invocation: Invocation) -> String {
    let error = invocation.error.map { "\($0.code): \($0.message)".printable } ?? ""
    switch invocation.state {
    case .succeeded: return "succeeded" + duration(invocation)
    case .failed: return "FAILED \(error)"
    case .retrying:
      return "will be tried again at \(invocation.nextAttemptTime?.description ?? "?"), \(error)"
    case .cancelled: return "CANCELLED \(error)"
    case .skipped: return "skipped \(error)"
    case .pending where !invocation.holds.isEmpty: return "waits for \(invocation.holds.words)"
    case .pending, .running: return "\(invocation.state)"
    }
  }

  private static func duration(_ invocation: Invocation) -> String {
    guard let last = invocation.attempts.last, let end = last.endTime else { return "" }
    return " in \((end - last.startTime).wholeNanoseconds / 1_000_000) ms"
  }

  private mutating func lines(for chunk: OutputChunk) -> [String] {
    let bytes = (partialLines.removeValue(forKey: chunk.invocationID) ?? []) + chunk.data
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let rest = lines.removeLast()
    if !rest.isEmpty { partialLines[chunk.invocationID] = Array(rest) }
    return lines.map { "  \(name(chunk.invocationID)) | \(Self.text(Array($0)))" }
  }

  private static func line(_ group: GroupReport) -> String {
    "  group \(group.groupID): \(group.state), \(counts(group.tally))"
  }

  private static func line(_ summary: Summary) -> String {
    var tally = InvocationTally()
    tally[.succeeded] = Int(summary.succeeded)
    tally[.failed] = Int(summary.failed)
    tally[.cancelled] = Int(summary.cancelled)
    tally[.skipped] = Int(summary.skipped)
    return "\(summary.state): \(counts(tally))"
  }

  private static func counts(_ tally: InvocationTally) -> String {
    let parts = [Invocation.State.succeeded, .failed, .cancelled, .skipped]
      .filter { tally[$0] > 0 }.map { "\(tally[$0]) \($0)" }
    return parts.isEmpty ? "nothing to run" : parts.joined(separator: ", ")
  }

  private func name(_ invocationID: String) -> String {
    subscriptions[invocationID] ?? invocationID
  }

  private static func text(_ bytes: [UInt8]) -> String {
    MessageTree.bytes(bytes).inline
  }
}

extension Invocation.Holds {
  fileprivate var words: String {
    let reasons: [(Invocation.Holds, String)] = [
      (.order, "an earlier one of its key"), (.group, "its group"),
      (.pause, "its subscription, which is paused"),
    ]
    return reasons.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
