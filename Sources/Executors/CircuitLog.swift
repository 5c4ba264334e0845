import EventCore
import Logging

/// Logs what circuits change to, once for each change.
struct CircuitLog: Sendable {
  let logger: Logger

  /// - Parameter change: nil if it stayed as it was.
  func note(_ change: CircuitState?, of lane: Lane) {
    guard let change else { return }
    logger.log(
      level: change.state == .open ? .warning : .notice,
      "the circuit of a function is \(change.state.word): \(change.reason)",
      metadata: ["organization": "\(lane.organization)", "function": "\(lane.functionID)"])
  }
}

extension CircuitState.State {
  fileprivate var word: String {
    switch self {
    case .closed: "closed"
    case .open: "open"
    case .halfOpen: "half open"
    }
  }
}
