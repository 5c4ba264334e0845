import ArgumentParser
import EventCore
import EventGateway
import Messages

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Streams what comes of a trigger, or every change of invocations.",
    discussion: """
      For a trigger it tells where it stands, goes on until it has finished, and ends with 1 if an \
      invocation failed. With --invocations it never ends; -o json shows the tokens to resume from.
      """)
  @Argument(help: "The trigger's id.") var trigger: String?
  @Flag(help: "Watches the invocations of all triggers, from now on.") var invocations = false
  @Option(help: ArgumentHelp("Goes on where another stream ended.", valueName: "token"))
  var resumeToken: String?
  @Option(help: ArgumentHelp("Only those of this event.", valueName: "name")) var event: String?
  @Option(help: ArgumentHelp("Only those of this subscription.", valueName: "id"))
  var subscription: String?
  @Option(help: ArgumentHelp("Only those of this function.", valueName: "id"))
  var function: String?
  @Option(help: "Only changes to this state, such as failed; may be repeated.")
  var state: [Invocation.State] = []
  @OptionGroup var options: GatewayOptions

  func validate() throws {
    guard (trigger != nil) != invocations else {
      throw ValidationError("either a trigger's id or --invocations is needed")
    }
    let hasFilter = [event, subscription, function].contains { $0 != nil } || !state.isEmpty
    if hasFilter, !invocations {
      throw ValidationError("--event, --subscription, --function and --state need --invocations")
    }
  }

  func run() async throws {
    guard let trigger else { return try await watchInvocations() }
    var request = WatchTriggerRequest()
    request.triggerID = trigger
    request.resumeToken = resumeToken ?? ""
    try await options.follow("TriggerService/WatchTrigger", request)
  }

  private func watchInvocations() async throws {
    var request = WatchInvocationsRequest()
    request.resumeToken = resumeToken ?? ""
    request.event = event ?? ""
    request.subscriptionID = subscription ?? ""
    request.functionID = function ?? ""
    request.states = state
    try await options.run { client in
      var token = ""
      do {
        try await client.stream("TriggerService/WatchInvocations", request) {
          (response: WatchInvocationsResponse) in
          token = response.resumeToken
          options.show(response, Self.lines)
        }
      } catch {
        if !token.isEmpty { printError("to go on, add: --resume-token \(token)") }
        throw error
      }
    }
  }

  private static func lines(for response: WatchInvocationsResponse) -> [String] {
    guard let invocation = response.invocation else { return [] }
    let outcome = TriggerNarrator.outcome(invocation)
    return ["\(invocation.id) \(response.event) \(invocation.subscriptionID) \(outcome)"]
  }
}
