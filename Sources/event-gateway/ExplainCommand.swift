import ArgumentParser
import EventCore
import EventGateway
import Messages

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says who would get a trigger, and why the others would not. Triggers nothing.")
  @Argument(help: "The event's name, for a trigger that is made up.") var event: String?
  @Option(help: ArgumentHelp("A trigger that was accepted.", valueName: "id")) var trigger: String?
  @Option(help: ArgumentHelp("Only this subscription.", valueName: "id")) var subscription: String?
  @OptionGroup var payload: PayloadOptions
  @Option(help: ArgumentHelp("Your own data; may be repeated.", valueName: "key=value"))
  var metadata: [Pair] = []
  @Option(help: ArgumentHelp("The CloudEvents source.", valueName: "uri")) var source: String?
  @Option(
    help: ArgumentHelp("The ordering key, which filters see as partitionkey.", valueName: "key"))
  var orderingKey: String?
  @OptionGroup var options: GatewayOptions

  func validate() throws {
    guard (event == nil) != (trigger == nil) else {
      throw ValidationError("either an event or --trigger is needed")
    }
    if trigger != nil, isMadeUp {
      throw ValidationError("--trigger has its payload and attributes already")
    }
  }

  private var isMadeUp: Bool {
    payload.isGiven || payload.dataType != nil || !metadata.isEmpty || source != nil
      || orderingKey != nil
  }

  func run() async throws {
    var request = ExplainTriggerRequest()
    request.subject = try subject()
    request.subscriptionID = subscription ?? ""
    try await options.run { client in
      // The first page has all but the subscriptions of the others.
      var answer: ExplainTriggerResponse?
      let subscriptions = try await pages { token, size in
        (request.page.token, request.page.size) = (token, size)
        let page = try await client.call(
          "TriggerService/ExplainTrigger", request, as: ExplainTriggerResponse.self)
        if answer == nil { answer = page }
        return (page.subscriptions, page.nextPageToken)
      }
      guard var answer else { return }
      (answer.subscriptions, answer.nextPageToken) = (subscriptions, "")
      show(answer)
    }
  }

  private func show(_ answer: ExplainTriggerResponse) {
    switch options.output {
    case .json: print(answer.tree.json)
    case .text:
      let subject = trigger.map { "trigger \($0)" } ?? event ?? ""
      print(answer.tree(of: subject).lines.joined(separator: "\n"))
    }
  }

  private func subject() throws -> ExplainTriggerRequest.Subject {
    if let trigger { return .triggerID(trigger) }
    var content = TriggerContent()
    content.event = event ?? ""
    content.payload.data = try payload.payload() ?? []
    content.payload.dataType = payload.dataType ?? ""
    content.metadata = metadata.dictionary
    content.source = source ?? ""
    content.orderingKey = orderingKey ?? ""
    return .content(content)
  }
}
