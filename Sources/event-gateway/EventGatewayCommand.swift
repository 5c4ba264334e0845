import ArgumentParser

@main
struct EventGatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event-gateway",
    abstract: "Defines events, subscribes functions to them, and triggers them.",
    discussion: """
      `serve` runs the gateway; every other command is a client of a running one, which \
      --gateway or the environment variable EVENT_GATEWAY names.
      """,
    subcommands: [
      Serve.self, EventCommand.self, FunctionCommand.self, SubscriptionCommand.self,
      GroupCommand.self, TriggerCommand.self, EmitCommand.self, WatchCommand.self,
      ExplainCommand.self, InvokeCommand.self,
      TriggersCommand.self, InvocationsCommand.self, CancelCommand.self, RetryCommand.self,
      RedriveCommand.self, ReplayCommand.self,
    ])
}
