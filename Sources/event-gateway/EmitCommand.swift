import ArgumentParser
import EventCore
import EventGateway
import GRPC
import Messages

struct EmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit", abstract: "Triggers an event and returns once it is durable.",
    discussion: """
      With --stdin it does so for each line, as many at a time as the gateway takes, and ends with 1 \
      if one was refused. A --request-id is then followed by the line's number.
      """)
  @OptionGroup var trigger: TriggerOptions
  @Flag(help: "Triggers once for each line of stdin, which is the payload.") var stdin = false
  @OptionGroup var options: GatewayOptions

  func validate() throws {
    if stdin, trigger.input != nil || trigger.payload.isGiven {
      throw ValidationError("--stdin can't be given together with another payload")
    }
  }

  func run() async throws {
    var request = EmitEventRequest()
    request.content = try trigger.content()
    if stdin { return try await emitLines(request) }
    try await options.run { client in
      options.show(
        try await client.call("TriggerService/EmitEvent", request, as: EmitEventResponse.self))
    }
  }

  private func emitLines(_ template: EmitEventRequest) async throws {
    var refused = 0
    try await options.run { client in
      try await client.exchange("TriggerService/EmitEvents") { send in
        var lines = InputLines()
        var number: UInt64 = 0
        while let line = try lines.next() {
          number += 1
          guard !line.isEmpty else { continue }
          try await send(EmitEventsRequest(template, line: line, number))
        }
      } receiving: { (response: EmitEventsResponse) in
        if case .error? = response.result { refused += 1 }
        show(response)
      }
    }
    guard refused == 0 else { throw ExitCode.failure }
  }

  private func show(_ response: EmitEventsResponse) {
    switch (options.output, response.result) {
    case (.json, _): print(response.tree.json)
    case (.text, .accepted(let accepted)?): print(accepted.triggerID)
    case (.text, .error(let status)?):
      printError("line \(response.sequence): \(status.explanation)")
    case (.text, nil): break
    }
    flushOutput()
  }
}

extension EmitEventsRequest {
  fileprivate init(_ template: EmitEventRequest, line: [UInt8], _ number: UInt64) {
    self.init()
    var emit = template
    emit.content.payload.data = line
    if !emit.content.requestID.isEmpty { emit.content.requestID += "-\(number)" }
    sequence = number
    self.emit = emit
  }
}
