import EventCore
import Synchronization

/// The attempts that run now. The store does not know them (see `Invocation.State`).
final class RunningAttempts: Sendable {
  private let attempts = Mutex<[InvocationID: Attempt]>([:])

  func insert(_ attempt: Attempt, of id: InvocationID) {
    attempts.withLock { $0[id] = attempt }
  }

  func remove(_ id: InvocationID) {
    attempts.withLock { $0[id] = nil }
  }

  var count: Int { attempts.withLock(\.count) }

  /// How many of the first `count` invocations of a trigger run.
  func count(of trigger: UniqueID, among count: Int) -> Int {
    attempts.withLock { attempts in
      (0..<count).count { attempts[InvocationID(triggerID: trigger, ordinal: $0)] != nil }
    }
  }

  subscript(id: InvocationID) -> Attempt? { attempts.withLock { $0[id] } }
}

extension Invocation {
  /// As it is while `attempt` runs: RUNNING, with the attempt last.
  ///
  /// - Parameter keepingResults: whether it keeps the output and logs of earlier attempts.
  func running(_ attempt: Attempt, keepingResults: Bool) -> Invocation {
    var running = self
    running.state = .running
    running.attempts.append(attempt)
    running.nextAttemptTime = nil
    if !keepingResults {
      running.output = nil
      running.logs = []
    }
    return running
  }
}
