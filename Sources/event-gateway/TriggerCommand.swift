import ArgumentParser
import EventCore
import EventGateway
import Messages

struct TriggerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trigger",
    abstract: "Triggers an event and streams what comes of it.",
    discussion: "Ends with 1 if an invocation failed.")
  @OptionGroup var trigger: TriggerOptions
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    var request = TriggerEventRequest()
    request.content = try trigger.content()
    var summary: Summary?
    try await options.run { client in
      var narrator = TriggerNarrator()
      try await client.stream("TriggerService/TriggerEvent", request) {
        (response: TriggerEventResponse) in
        if case .summary(let last)? = response.update { summary = last }
        switch options.output {
        case .json: print(response.tree.json)
        case .text: for line in narrator.lines(for: response) { print(line) }
        }
        flushOutput()
      }
    }
    guard summary?.state == .succeeded else { throw ExitCode.failure }
  }
}

struct EmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit", abstract: "Triggers an event and returns once it is durable.")
  @OptionGroup var trigger: TriggerOptions
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    var request = EmitEventRequest()
    request.content = try trigger.content()
    try await options.run { client in
      options.show(
        try await client.call("TriggerService/EmitEvent", request, as: EmitEventResponse.self))
    }
  }
}
