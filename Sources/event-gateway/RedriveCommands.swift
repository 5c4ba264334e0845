import ArgumentParser
import EventCore
import EventGateway
import Messages

struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Tries an invocation again that failed, was cancelled or skipped.")
  @Argument(help: "The invocation's id.") var id: String
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    var request = RetryInvocationRequest()
    request.invocationID = id
    try await options.run { client in
      let invocation = try await client.call(
        "TriggerService/RetryInvocation", request, as: Invocation.self)
      options.report("invocation \(id) is tried again", invocation)
    }
  }
}

/// When triggers were received.
struct ReceivedOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only of triggers received since then, such as -1h or 2030-01-31T08:00:00Z.",
      valueName: "time"))
  var from: Moment?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only of triggers received before then.", valueName: "time"))
  var to: Moment?

  var range: TimeRange? {
    guard from != nil || to != nil else { return nil }
    var range = TimeRange()
    (range.start, range.end) = (from?.time, to?.time)
    return range
  }
}

struct RedriveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redrive",
    abstract: "Tries dead letters again, oldest trigger first.",
    discussion: "invocations --state failed shows them.")
  @Option(help: ArgumentHelp("Only those of this event.", valueName: "name")) var event: String?
  @Option(help: ArgumentHelp("Only those of this subscription.", valueName: "id"))
  var subscription: String?
  @Option(help: ArgumentHelp("Only those of this function.", valueName: "id"))
  var function: String?
  @Option(help: ArgumentHelp("Only those with this error, such as HTTP_503.", valueName: "code"))
  var errorCode: String?
  @OptionGroup var received: ReceivedOptions
  @Option(help: "How many at most.") var limit: Int32?
  @Flag(help: "Counts, and changes nothing.") var dryRun = false
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    var request = RedriveDeadLettersRequest()
    request.event = event ?? ""
    request.subscriptionID = subscription ?? ""
    request.functionID = function ?? ""
    request.errorCode = errorCode ?? ""
    request.received = received.range
    request.limit = limit ?? 0
    request.dryRun = dryRun
    try await options.run { client in
      let answer = try await client.call(
        "TriggerService/RedriveDeadLetters", request, as: RedriveDeadLettersResponse.self)
      let count = "\(answer.count) dead letter\(answer.count == 1 ? "" : "s")"
      let more = answer.hasMore ? "; there are more" : ""
      options.report((dryRun ? "would try \(count) again" : "trying \(count) again") + more, answer)
    }
  }
}

struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Triggers copies of past triggers of an event, oldest first.",
    discussion: "A --request-id makes it safe to repeat.")
  @Argument(help: "The event's name.") var event: String
  @OptionGroup var received: ReceivedOptions
  @Option(help: ArgumentHelp("Only for this subscription.", valueName: "id"))
  var subscription: String?
  @Option(help: ArgumentHelp("What was copied under it is not copied again.", valueName: "id"))
  var requestID: String?
  @Option(help: ArgumentHelp("Goes on where another one stopped.", valueName: "token"))
  var pageToken: String?
  @Option(help: "How many at most; all if it is missing.") var limit: Int32?
  @Flag(help: "Counts, and triggers nothing.") var dryRun = false
  @OptionGroup var options: GatewayOptions

  func run() async throws {
    var request = ReplayTriggersRequest()
    request.event = event
    request.received = received.range
    request.subscriptionID = subscription ?? ""
    request.requestID = requestID ?? ""
    request.pageToken = pageToken ?? ""
    request.limit = limit ?? 0
    request.dryRun = dryRun
    try await options.run { client in try await replay(request, client) }
  }

  /// Page by page, unless a limit was given.
  private func replay(_ request: ReplayTriggersRequest, _ client: GatewayClient) async throws {
    var request = request
    var count = 0
    while true {
      let page = try await client.call(
        "TriggerService/ReplayTriggers", request, as: ReplayTriggersResponse.self)
      count += Int(page.count)
      let isStuck = page.nextPageToken == request.pageToken
      request.pageToken = page.nextPageToken
      if options.output == .json { print(page.tree.json) }
      guard !page.nextPageToken.isEmpty, limit == nil, !isStuck else { break }
    }
    guard options.output == .text else { return }
    print("\(dryRun ? "would trigger" : "triggered") \(count) again")
    if !request.pageToken.isEmpty { print("to go on, add: --page-token \(request.pageToken)") }
  }
}
