import EventCore

/// How an attempt ended.
enum AttemptEnding {
  case result(AttemptResult)
  case timedOut
  /// The pool shuts down, or the invocation was ended.
  case stopped

  func result(within timeout: Duration) -> AttemptResult? {
    switch self {
    case .result(let result): result
    case .timedOut:
      .timedOut(after: timeout)
    case .stopped: nil
    }
  }
}

extension AttemptRunner {
  /// For a run that is no invocation's. Returns when nothing of it is left running, at the timeout and
  /// on cancellation too.
  func run(
    _ request: AttemptRequest, within timeout: Duration, _ recorder: AttemptRecorder
  ) async -> AttemptEnding {
    let first = await withTaskGroup(of: AttemptResult?.self) { group in
      group.addTask { await runtime.run(request, into: recorder) }
      group.addTask {
        try? await clock.sleep(timeout)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard !Task.isCancelled else { return .stopped }
    return first.map { .result($0) } ?? .timedOut
  }
}
