import EventCore
import TestSupport

/// Runs a closure as the function, and counts.
final class ScriptedRuntime: FunctionRuntime {
  typealias Script = @Sendable (AttemptRequest, any OutputSink) async -> AttemptResult

  struct Counts: Sendable {
    var started: [AttemptRequest] = []
    var running: [String: Int] = [:]
    var runningMax: [String: Int] = [:]
    var totalMax = 0

    var total: Int { running.values.reduce(0, +) }
    func starts(of functionID: String) -> Int {
      started.count { $0.function.functionID == functionID }
    }
  }

  let counts = Observed(Counts())
  /// Free ones, for functions that need them, and those that were left, with whether it was recorded.
  let places = Observed<[UInt64]>([])
  let leftPlaces = Observed<[UInt64: Bool]>([:])
  private let script: Script

  init(_ script: @escaping Script = { _, _ in AttemptResult(.succeeded) }) {
    self.script = script
  }

  func validate(_ function: Function) throws(GatewayError) {}

  func takePlace(in lane: Lane) -> RunPlace {
    places.update { $0.popLast().map { .taken($0) } ?? .absent }
  }

  func leavePlace(_ place: UInt64, isRecorded: Bool) {
    leftPlaces.update { $0[place] = isRecorded }
  }

  func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    let id = attempt.function.functionID
    counts.update { counts in
      counts.started.append(attempt)
      counts.running[id, default: 0] += 1
      counts.runningMax[id] = max(counts.runningMax[id] ?? 0, counts.running[id]!)
      counts.totalMax = max(counts.totalMax, counts.total)
    }
    defer { counts.update { $0.running[id]! -= 1 } }
    return await script(attempt, sink)
  }
}

extension AttemptResult {
  static func failed(
    _ code: String = "EXIT_1", isFinal: Bool = false, retryAfter: Duration? = nil
  ) -> AttemptResult {
    AttemptResult(
      .failed(
        InvocationError(
          .function, code: code, message: "no", isFinal: isFinal, retryAfter: retryAfter)))
  }
}
