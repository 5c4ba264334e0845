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

  func validate() throws {
    if command == nil, !arguments.isEmpty || !environment.isEmpty {
      throw ValidationError("--arg and --env need --command")
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
    return .process(target)
  }
}
