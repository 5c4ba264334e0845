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
  @OptionGroup var options: GatewayOptions

  func validate() throws {
    guard (event == nil) != (trigger == nil) else {
      throw ValidationError("either an event or --trigger is needed")
    }
    if trigger != nil, payload.isGiven || payload.dataType != nil || !payload.metadata.isEmpty {
      throw ValidationError("--trigger has its payload and metadata already")
    }
  }

  func run() async throws {
    var request = ExplainTriggerRequest()
    request.subject = try subject()
    request.subscriptionID = subscription ?? ""
    try await options.run { client in
      repeat {
        let answer = try await client.call(
          "TriggerService/ExplainTrigger", request, as: ExplainTriggerResponse.self)
        options.show(answer) { $0.lines(isFirst: request.page.token.isEmpty) }
        request.page.token = answer.nextPageToken
      } while !request.page.token.isEmpty
    }
  }

  private func subject() throws -> ExplainTriggerRequest.Subject {
    if let trigger { return .triggerID(trigger) }
    var content = TriggerContent()
    content.event = event ?? ""
    content.payload.data = try payload.payload() ?? []
    content.payload.dataType = payload.dataType ?? ""
    content.metadata = payload.metadata.dictionary
    return .content(content)
  }
}

extension ExplainTriggerResponse {
  /// - Parameter isFirst: whether it is the first page, which has more than subscriptions.
  func lines(isFirst: Bool) -> [String] {
    var lines: [String] = []
    if let schema {
      let verdict = schema.violations.isEmpty ? "✓" : "✗"
      let end = schema.isRefused ? ", refused" : ""
      lines.append("\(verdict) schema revision \(schema.revision) (\(schema.enforcement))\(end)")
      lines += schema.violations.map { "    \($0.line)" }
    }
    if isFirst { lines.append("\(matchCount) subscriptions match") }
    lines += subscriptions.flatMap(\.lines)
    lines += groups.flatMap(\.lines)
    return lines
  }
}

extension PayloadViolation {
  /// Safe to show.
  var line: String {
    let place = instanceLocation.isEmpty ? "the payload" : instanceLocation
    let keyword = keywordLocation.isEmpty ? "" : " (\(keywordLocation))"
    return "\(place) \(description)\(keyword)".printable
  }
}

extension SubscriptionExplanation {
  fileprivate var lines: [String] {
    let mark = outcome == .match ? "✓" : "✗"
    let paused = isPaused ? " (paused)" : ""
    var lines = ["\(mark) \(subscriptionID) → \(functionID)\(paused)"]
    switch outcome {
    case .match: if !data.isEmpty { lines.append("gets \(String(decoding: data, as: UTF8.self))") }
    case .otherEvent: lines.append("subscribes to \(event)")
    case .filtered: lines.append(why)
    case .filterError: lines += [why, "can't be evaluated: \(error)"]
    }
    return [lines[0].printable] + lines.dropFirst().map { "    \($0.printable)" }
  }

  private var why: String {
    let place = path.isEmpty ? "" : "; \(path) is \(seen.isEmpty ? "missing" : seen)"
    return "because of \(clause)\(place)"
  }
}

extension GroupExplanation {
  fileprivate var lines: [String] {
    let parts = [("first", first), ("then", later), ("skipped", skipped)]
    return ["group \(groupID) (\(strategy))".printable]
      + parts.filter { !$0.1.isEmpty }
      .map { "    \($0.0): \($0.1.joined(separator: ", "))".printable }
  }
}
