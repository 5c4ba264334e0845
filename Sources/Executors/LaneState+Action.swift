import EventCore

extension LaneState {
  enum Action: Equatable {
    /// `permitGranted()` is to be called when there is one.
    case requestPermit
    case releasePermit
    /// `placeTaken` or `placeMissing` is to be called.
    case takePlace
    /// With the permit that was held; `finished` is to be called.
    case start(Assignment)
    /// The same for a caller; `callFinished` is to be called.
    case admit(CallerLine.Ticket, place: UInt64)
    /// `refilled` or `refillFailed` is to be called.
    case refill(DueOrder, limit: Int, without: Set<InvocationID>)
    /// `heldBack` or `released` is to be called.
    case sort(LaneQueue.Sorting)
    /// Replaces the timer that runs; `timerFired` is to be called. Nil: no timer is needed.
    case setTimer(Timestamp?)
    /// Nothing to do, now or later.
    case retire
  }

  /// What is known of an invocation after it ran.
  enum Rest: Hashable {
    /// It will never be due again.
    case over
    /// Due again at that time, nil for not, unless somebody has changed it since.
    case waits(until: Timestamp?)
    case unknown
  }
}
