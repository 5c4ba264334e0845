import EventCore
import Synchronization

/// Somebody who waits for the turn to run a lane's function directly.
final class Caller: Sendable {
  /// What comes of the waiting.
  enum Answer: Sendable {
    /// The run has a permit of the pool, and a place if the function needs one.
    case turn(place: UInt64)
    /// Withdrawn, and why its turn had not come.
    case notYet(Obstacle)
    /// Too many wait.
    case full
    /// The pool shuts down.
    case closed
  }

  /// What a caller waits for.
  enum Obstacle: Sendable {
    case place, concurrency, gate, permit
  }

  let ticket: CallerLine.Ticket
  /// Names the run among the function's attempts.
  let run: InvocationID
  private let continuation: CheckedContinuation<Answer, Never>

  init(
    _ ticket: CallerLine.Ticket, of run: InvocationID,
    _ continuation: CheckedContinuation<Answer, Never>
  ) {
    self.ticket = ticket
    self.run = run
    self.continuation = continuation
  }

  /// To be called once.
  func answer(_ answer: Answer) { continuation.resume(returning: answer) }
}
