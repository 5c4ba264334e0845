import ArgumentParser
import EventCore
import EventGateway
import Messages

struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Cancels what of a trigger, or of one invocation, has not finished.")
  @Argument(help: "The id of the trigger or the invocation.") var id: String
  @Option(help: ArgumentHelp("For those who wonder why.", valueName: "text"))
  var reason: String?
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    try await options.run { client in
      // An invocation's id is its trigger's with a dot and a number.
      if id.contains(".") {
        try await cancelInvocation(client)
      } else {
        try await cancelTrigger(client)
      }
    }
  }

  private func cancelTrigger(_ client: GatewayClient) async throws {
    var request = CancelTriggerRequest()
    (request.triggerID, request.reason) = (id, reason ?? "")
    let trigger = try await client.call(
      "TriggerService/CancelTrigger", request, as: StoredTrigger.self)
    options.report("trigger \(id): \(trigger.state)", trigger)
  }

  private func cancelInvocation(_ client: GatewayClient) async throws {
    var request = CancelInvocationRequest()
    (request.invocationID, request.reason) = (id, reason ?? "")
    let invocation = try await client.call(
      "TriggerService/CancelInvocation", request, as: Invocation.self)
    options.report("invocation \(id): \(invocation.state)", invocation)
  }
}
