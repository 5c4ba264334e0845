import EventCore

/// What came of running an assignment.
enum AttemptEnd: Sendable {
  /// The outcome is stored, with a dead letter if there is one.
  case recorded(Consequences, deadLetter: TriggerPlan?)
  /// Its subscription is paused, and holds it.
  case parked
  /// Nothing was stored: it was stopped, or is finished already, or the store gave up.
  case nothing

  var isRecorded: Bool { if case .recorded = self { true } else { false } }

  /// What it says of the function.
  var verdict: Circuit.Verdict {
    guard case .recorded(let consequences, _) = self,
      let attempt = consequences.changed.first?.attempts.last
    else { return .unknown }
    return Circuit.Verdict(attempt.error)
  }

  var rest: LaneState.Rest {
    switch self {
    case .recorded(let consequences, _):
      switch consequences.changed.first {
      case let recorded? where recorded.state == .succeeded: .over
      case let recorded?: .waits(until: recorded.nextAttemptTime)
      case nil: .unknown
      }
    case .parked: .waits(until: nil)
    case .nothing: .unknown
    }
  }
}
