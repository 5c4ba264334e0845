import ArgumentParser
import EventCore

/// A function that workers run.
struct WorkerTargetOptions: ParsableArguments {
  @Flag(help: "Run by workers that connect to the gateway.")
  var worker = false

  @Option(
    help: ArgumentHelp("How long a worker may take to start an assignment.", valueName: "time"))
  var startTimeout: Span?

  func validate() throws {
    if !worker, startTimeout != nil { throw ValidationError("--start-timeout needs --worker") }
  }

  var isGiven: Bool { worker }

  /// Nil without --worker.
  var target: Function.Target? {
    guard worker else { return nil }
    var target = WorkerTarget()
    if let startTimeout { target.startTimeout = startTimeout.duration }
    return .worker(target)
  }
}
