import EventCore

@testable import Executors

/// Those who have the function of a simulated lane run directly.
struct SimulatedCallers {
  private enum Call {
    case new, withdrawn, finished
  }

  private var waiting: Set<CallerLine.Ticket> = []
  private var running: Set<CallerLine.Ticket> = []
  /// On its way to the lane: who came, gave up, or has run the function.
  private var calls: [(CallerLine.Ticket, Call)] = []
  private(set) var problems: [String] = []

  var count: Int { waiting.count + running.count }
  var runningCount: Int { running.count }
  var hasHints: Bool { !calls.isEmpty }

  // MARK: What happens

  mutating func come(_ number: Int) {
    waiting.insert(CallerLine.Ticket(number))
    calls.append((CallerLine.Ticket(number), .new))
  }

  /// Also one whose turn has come, who does not know it yet.
  mutating func giveUp() {
    guard let ticket = waiting.union(running).min() else { return }
    calls.append((ticket, .withdrawn))
  }

  mutating func finish() {
    guard let ticket = running.min() else { return }
    running.remove(ticket)
    calls.append((ticket, .finished))
  }

  // MARK: The lane

  mutating func tell(
    _ lane: inout LaneState, _ gate: inout FlowGate, at now: Timestamp, concurrency: Int,
    needsPlaces: Bool
  ) {
    for (ticket, call) in calls {
      switch call {
      case .new: if !lane.call(ticket) { problems.append("a caller found no room") }
      case .withdrawn:
        let obstacle = lane.withdraw(
          ticket, concurrency: concurrency, needsPlaces: needsPlaces, gate: gate.answer(at: now))
        let hadWaited = waiting.remove(ticket) != nil
        if hadWaited != (obstacle != nil) { problems.append("a caller that gave up is unknown") }
      case .finished:
        _ = gate.ended(run(of: ticket), .works, at: now)
        lane.callFinished(ticket)
      }
    }
    calls = []
  }

  mutating func admit(_ ticket: CallerLine.Ticket, _ gate: inout FlowGate, at now: Timestamp) {
    if waiting.remove(ticket) == nil { problems.append("a caller is admitted who does not wait") }
    if gate.answer(at: now) != .open { problems.append("a caller is admitted at a closed gate") }
    _ = gate.began(run(of: ticket), at: now)
    running.insert(ticket)
  }

  private func run(of ticket: CallerLine.Ticket) -> InvocationID {
    InvocationID(triggerID: UniqueID(high: 0, low: ticket), ordinal: 1)
  }
}
