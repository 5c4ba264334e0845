import ArgumentParser
import EventCore
import EventGateway
import Messages

struct TriggersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triggers", abstract: "Shows a trigger, or lists them, newest first.")
  @Argument(help: "The trigger's id.") var id: String?
  @Option(help: ArgumentHelp("Only those of this event.", valueName: "name")) var event: String?
  @OptionGroup var received: ReceivedOptions
  @Option(help: "How many at most.") var limit = 100
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    try await options.run { client in
      guard let id else { return try await list(client) }
      var request = GetTriggerRequest()
      request.triggerID = id
      options.show(
        try await client.call("TriggerService/GetTrigger", request, as: StoredTrigger.self))
    }
  }

  private func list(_ client: GatewayClient) async throws {
    let triggers = try await pages(atMost: limit) { token, size in
      var request = ListTriggersRequest()
      (request.page.token, request.page.size) = (token, size)
      request.event = event ?? ""
      request.received = received.range
      let page = try await client.call(
        "TriggerService/ListTriggers", request, as: ListTriggersResponse.self)
      return (page.triggers, page.nextPageToken)
    }
    options.show(
      triggers,
      columns: [
        Column("TRIGGER", "triggerId"), Column("EVENT", "event"), Column("STATE", "state"),
        Column("RECEIVED", "receivedAt"), Column("FUNCTIONS", "invocationCount"),
      ])
  }
}

struct InvocationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invocations",
    abstract: "Shows an invocation with its output and logs, or lists them, newest first.")
  @Argument(help: "The invocation's id.") var id: String?
  @Option(help: ArgumentHelp("Only those of this trigger.", valueName: "id")) var trigger: String?
  @Option(help: ArgumentHelp("Only those of this event.", valueName: "name")) var event: String?
  @Option(help: ArgumentHelp("Only those of this subscription.", valueName: "id"))
  var subscription: String?
  @Option(help: ArgumentHelp("Only those of this function.", valueName: "id"))
  var function: String?
  @Option(help: "Only those in this state, such as failed; may be repeated.")
  var state: [Invocation.State] = []
  @OptionGroup var received: ReceivedOptions
  @Option(help: "How many at most.") var limit = 100
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    try await options.run { client in
      guard let id else { return try await list(client) }
      var request = GetInvocationRequest()
      request.invocationID = id
      options.show(
        try await client.call("TriggerService/GetInvocation", request, as: Invocation.self))
    }
  }

  private func list(_ client: GatewayClient) async throws {
    let invocations = try await pages(atMost: limit) { token, size in
      var request = ListInvocationsRequest()
      (request.page.token, request.page.size) = (token, size)
      request.triggerID = trigger ?? ""
      request.subscriptionID = subscription ?? ""
      request.functionID = function ?? ""
      request.event = event ?? ""
      request.states = state
      request.received = received.range
      let page = try await client.call(
        "TriggerService/ListInvocations", request, as: ListInvocationsResponse.self)
      return (page.invocations, page.nextPageToken)
    }
    options.show(
      invocations,
      columns: [
        Column("INVOCATION", "invocationId"), Column("SUBSCRIPTION", "subscriptionId"),
        Column("FUNCTION", "functionId"), Column("STATE", "state"),
        Column("WAITS FOR", "holds"), Column("ERROR", "error", "code"),
      ])
  }
}
