import GRPCCore
import GRPCNIOTransportHTTP2Posix
import GRPCProtobuf
import Glibc
import SwiftProtobuf

typealias Events = Dispatch_Events_V1_EventService
typealias Functions = Dispatch_Events_V1_FunctionService
typealias Subscriptions = Dispatch_Events_V1_SubscriptionService
typealias Triggers = Dispatch_Events_V1_TriggerService

let order =
  #"{"order": 7, "items": [{"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1}]}"#

/// Thirty seconds of work for whoever waits for it.
let longOrder =
  #"{"order": 8, "items": ["#
  + Array(repeating: #"{"sku": "tea", "quantity": 1}"#, count: 100).joined(separator: ", ") + "]}"

/// The scenario of Tests/Clients/test_clients.py on grpc-swift-2: client ADDRESS ORGANIZATION COMMAND
@main
enum Client {
  static func main() async throws {
    let arguments = CommandLine.arguments
    let address = arguments[1].split(separator: ":")
    try await withGRPCClient(
      transport: .http2NIOPosix(
        target: .dns(host: String(address[0]), port: Int(address[1])!),
        transportSecurity: .plaintext)
    ) { client in
      try await Scenario(client, organization: arguments[2]).run(command: arguments[3])
    }
  }
}

struct Scenario<Transport: ClientTransport> {
  let client: GRPCClient<Transport>
  let metadata: Metadata
  let options: CallOptions

  init(_ client: GRPCClient<Transport>, organization: String) {
    self.client = client
    metadata = ["x-dispatch-org": "\(organization)"]
    var options = CallOptions.defaults
    options.timeout = .seconds(60)
    self.options = options
  }

  func run(command: String) async throws {
    let triggers = Triggers.Client(wrapping: client)
    try await define(command)
    try await stream(triggers)
    try await refused()
    try await late(triggers)
    try await cancelled(triggers)
  }

  func define(_ command: String) async throws {
    _ = try await Functions.Client(wrapping: client).createFunction(
      .with {
        $0.function.functionID = "reserve-stock"
        $0.function.process.command = command
      }, metadata: metadata, options: options)
    let event = try await Events.Client(wrapping: client).createEvent(
      .with {
        $0.event.event = "order.placed"
        $0.event.metadata = ["team": "shop"]
      }, metadata: metadata, options: options)
    print("event \(event.event) revision \(event.revision) team \(event.metadata["team"] ?? "")")
    let subscription = try await Subscriptions.Client(wrapping: client).createSubscription(
      .with {
        $0.subscription.subscriptionID = "stock"
        $0.subscription.event = "order.placed"
        $0.subscription.functionID = "reserve-stock"
      }, metadata: metadata, options: options)
    print("subscription \(subscription.subscriptionID) to \(subscription.event)")
  }

  func request(
    _ order: String, cancelOnDisconnect: Bool = false
  ) -> Dispatch_Events_V1_TriggerEventRequest {
    .with {
      $0.event = "order.placed"
      $0.data = .init(order.utf8)
      $0.cancelOnDisconnect = cancelOnDisconnect
    }
  }

  func stream(_ triggers: Triggers.Client<Transport>) async throws {
    try await triggers.triggerEvent(request(order), metadata: metadata, options: options) {
      for try await response in $0.messages { show(response.update) }
    }
  }

  func show(_ update: Dispatch_Events_V1_TriggerEventResponse.OneOf_Update?) {
    switch update {
    case .accepted(let accepted): print("accepted \(accepted.trigger.event)")
    case .invocation(let invocation):
      print("invocation \(invocation.subscriptionID) \("\(invocation.state)".uppercased())")
    case .output(let chunk):
      let text = String(decoding: chunk.data, as: UTF8.self)
      print("output \(chunk.offset) \(text.split(separator: "\n").joined())")
    case .log(let log): print("log \(log.line.text)")
    case .summary(let summary):
      print("summary \("\(summary.state)".uppercased()) \(summary.succeeded)")
    case .keepAlive, nil: break
    }
  }

  func refused() async throws {
    do {
      _ = try await Events.Client(wrapping: client).createEvent(
        .with { $0.event.event = "Not a name" }, metadata: metadata, options: options)
    } catch let error as RPCError {
      print("refused \(error.code.name)")
      for detail in try error.unpackGoogleRPCStatus()?.details ?? [] {
        if let info = detail.errorInfo { print("reason \(info.reason) of \(info.domain)") }
        for violation in detail.badRequest?.violations ?? [] { print("field \(violation.field)") }
      }
    }
  }

  func late(_ triggers: Triggers.Client<Transport>) async throws {
    var options = options
    options.timeout = .seconds(1)
    do {
      try await triggers.triggerEvent(request(longOrder), metadata: metadata, options: options) {
        for try await _ in $0.messages {}
      }
    } catch let error as RPCError {
      print("late \(error.code.name)")
    }
  }

  func cancelled(_ triggers: Triggers.Client<Transport>) async throws {
    let (outputs, output) = AsyncStream.makeStream(of: String.self)
    let call = Task {
      try await triggers.triggerEvent(
        request(longOrder, cancelOnDisconnect: true), metadata: metadata, options: options
      ) {
        var triggerID = ""
        for try await response in $0.messages {
          if case .accepted(let accepted) = response.update {
            triggerID = accepted.trigger.triggerID
          }
          if case .output = response.update { output.yield(triggerID) }
        }
      }
    }
    let triggerID = await outputs.first { _ in true } ?? ""
    call.cancel()
    do {
      try await call.value
    } catch let error as RPCError {
      print("cancelled \(error.code.name)")
    } catch is CancellationError {
      print("cancelled CANCELLED")
    }
    while try await state(of: triggerID, triggers) != .cancelled {
      try await Task.sleep(for: .milliseconds(20))
    }
    print("trigger CANCELLED")
  }

  func state(
    of triggerID: String, _ triggers: Triggers.Client<Transport>
  ) async throws -> Dispatch_Events_V1_Trigger.State {
    try await triggers.getTrigger(
      .with { $0.triggerID = triggerID }, metadata: metadata, options: options
    ).state
  }
}

extension RPCError.Code {
  /// As gRPC's documents write it.
  var name: String {
    switch self {
    case .cancelled: "CANCELLED"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .invalidArgument: "INVALID_ARGUMENT"
    default: "\(self)"
    }
  }
}
