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
  @Flag(help: "Cancels what has not finished when this command is ended early.")
  var cancelOnDisconnect = false
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    var request = TriggerEventRequest()
    request.content = try trigger.content()
    request.cancelOnDisconnect = cancelOnDisconnect
    try await options.follow("TriggerService/TriggerEvent", request)
  }
}

extension GatewayOptions {
  /// Shows the stream of a trigger, TriggerEvent's or WatchTrigger's, to its end. Ends the program
  /// with 1 unless the trigger succeeded.
  func follow(_ method: String, _ request: some WireMessage) async throws {
    var summary: Summary?
    try await run { client in
      var narrator = TriggerNarrator()
      var place = ResumePlace()
      do {
        try await client.stream(method, request) { (response: TriggerEventResponse) in
          place.note(response)
          if case .summary(let last)? = response.update { summary = last }
          show(response) { narrator.lines(for: $0) }
        }
      } catch {
        place.explain()
        throw error
      }
    }
    guard summary?.state == .succeeded else { throw ExitCode.failure }
  }

  /// Prints a message of a stream at once: as JSON, or in the lines that tell it.
  func show<Message: WireMessage>(_ message: Message, _ lines: (Message) -> [String]) {
    switch output {
    case .json: print(message.tree.json)
    case .text: for line in lines(message) { print(line) }
    }
    flushOutput()
  }
}

/// Where a stream of a trigger can be taken up again.
private struct ResumePlace {
  private var triggerID = ""
  private var token = ""

  mutating func note(_ response: TriggerEventResponse) {
    if !response.resumeToken.isEmpty { token = response.resumeToken }
    switch response.update {
    case .accepted(let accepted): triggerID = accepted.trigger.trigger.triggerID.description
    case .invocation(let invocation): triggerID = invocation.id.triggerID.description
    case .summary, .output, .log, .keepAlive, nil: break
    }
  }

  /// Says so when the stream was cut.
  func explain() {
    guard !triggerID.isEmpty, !token.isEmpty else { return }
    printError("to go on: event-gateway watch \(triggerID) --resume-token \(token)")
  }
}
