import ArgumentParser
import EventCore

/// A local command as a function.
struct ProcessTargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A local command to run.", valueName: "path"))
  var command: String?

  @Option(
    name: .customLong("arg"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("An argument of the command; may be repeated.", valueName: "text"))
  var arguments: [String] = []

  @Option(
    name: .customLong("env"),
    help: ArgumentHelp("A variable of the command; may be repeated.", valueName: "k=v"))
  var environment: [Pair] = []

  @Option(
    help: ArgumentHelp(
      "Keeps up to so many processes running, which take invocations line by line.",
      valueName: "n"))
  var keepAlive: Int32?

  @Option(
    help: ArgumentHelp("Replaces a kept process after so many invocations.", valueName: "n"))
  var keepAliveInvocations: Int32?

  @Option(
    help: ArgumentHelp("Ends a kept process that had nothing to do for so long.", valueName: "time")
  )
  var keepAliveIdle: Span?

  func validate() throws {
    if command == nil, !arguments.isEmpty || !environment.isEmpty || keepAlive != nil {
      throw ValidationError("--arg, --env and --keep-alive need --command")
    }
    if keepAlive == nil, keepAliveInvocations != nil || keepAliveIdle != nil {
      throw ValidationError("--keep-alive-invocations and --keep-alive-idle need --keep-alive")
    }
  }

  var isGiven: Bool { command != nil }

  /// Nil without --command.
  var target: Function.Target? {
    guard let command else { return nil }
    var target = ProcessTarget()
    target.command = command
    target.arguments = arguments
    target.environment = environment.dictionary
    if let keepAlive {
      var kept = ProcessTarget.KeepAlive()
      kept.processesMax = keepAlive
      if let keepAliveInvocations { kept.invocationsMax = keepAliveInvocations }
      if let keepAliveIdle { kept.idleTimeout = keepAliveIdle.duration }
      target.keepAlive = kept
    }
    return .process(target)
  }
}
