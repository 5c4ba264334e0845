import ArgumentParser
import EventCore

/// How much of a function may run.
struct FlowOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many may run at a time.", valueName: "n"))
  var maxConcurrency: Int32?

  @Option(
    help: ArgumentHelp(
      "A JSON pointer into the trigger as a CloudEvent, such as /data/customer; '' for none.",
      valueName: "pointer"))
  var concurrencyKey: String?

  @Option(
    help: ArgumentHelp(
      "How many may run at a time that have the same value there.", valueName: "n"))
  var maxConcurrencyPerKey: Int32?

  @Option(
    help: ArgumentHelp("How many attempts may start per second; 0 for any.", valueName: "n"))
  var rate: Double?

  @Option(
    help: ArgumentHelp(
      "How many may start at once after a pause; 0 for one second's.", valueName: "n"))
  var burst: Int32?

  @Option(
    help: ArgumentHelp(
      "How many attempts must fail in a row to stop calling it for a while.", valueName: "n"))
  var circuitFailures: Int32?

  @Option(
    help: ArgumentHelp("For how long it is left alone then, such as 30s.", valueName: "time"))
  var circuitOpen: Span?

  @Option(
    help: ArgumentHelp(
      "How many must succeed after that, one at a time, before it goes on.", valueName: "n"))
  var circuitSuccesses: Int32?

  @Flag(help: "Takes the circuit breaker away.")
  var clearCircuit = false

  func validate() throws {
    if let rate, !rate.isFinite { throw ValidationError("--rate must be a number") }
    if clearCircuit, hasCircuit {
      throw ValidationError("--clear-circuit can't be given with what the circuit breaker is")
    }
  }

  private var hasCircuit: Bool {
    circuitFailures != nil || circuitOpen != nil || circuitSuccesses != nil
  }

  func apply(to flow: inout FlowControl) {
    if let maxConcurrency { flow.maxConcurrency = maxConcurrency }
    if let concurrencyKey {
      flow.concurrencyKey = concurrencyKey
      // Neither is of use alone.
      if concurrencyKey.isEmpty { flow.maxConcurrencyPerKey = 0 }
    }
    if let maxConcurrencyPerKey { flow.maxConcurrencyPerKey = maxConcurrencyPerKey }
    if let rate {
      flow.ratePerSecond = rate
      if rate == 0 { flow.burst = 0 }
    }
    if let burst { flow.burst = burst }
    guard hasCircuit else { return }
    var breaker = CircuitBreaker()
    if let circuitFailures { breaker.failureThreshold = circuitFailures }
    if let circuitOpen { breaker.openDuration = circuitOpen.duration }
    if let circuitSuccesses { breaker.successThreshold = circuitSuccesses }
    flow.circuitBreaker = breaker
  }

  /// What of the function it changes.
  var paths: [String] {
    let parts = [
      ("max_concurrency", maxConcurrency != nil), ("concurrency_key", concurrencyKey != nil),
      ("max_concurrency_per_key", maxConcurrencyPerKey != nil || concurrencyKey == ""),
      ("rate_per_second", rate != nil), ("burst", burst != nil || rate == 0),
      ("circuit_breaker", hasCircuit || clearCircuit),
    ]
    return parts.filter(\.1).map { "flow.\($0.0)" }
  }
}
