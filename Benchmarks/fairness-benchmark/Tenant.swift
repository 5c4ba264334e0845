import EventCore
import EventGateway
import GRPC
import Messages
import NIOPosix
import Synchronization

/// An organization with functions at an endpoint, each behind an event of its own.
struct Tenant: Sendable {
  let client: GatewayClient
  let endpoint: Endpoint
  let events: [String]

  init(
    _ name: String, at port: Int, functions: Int, _ endpoint: Endpoint,
    group: MultiThreadedEventLoopGroup
  ) async throws {
    client = GatewayClient(
      GRPCClient(host: "127.0.0.1", port: port, group: group),
      organization: try Organization(name), timeout: nil)
    self.endpoint = endpoint
    events = (0..<functions).map { "order.e\($0)" }
    for (number, event) in events.enumerated() {
      var function = CreateFunctionRequest()
      function.function.functionID = "f\(number)"
      var target = HTTPTarget()
      target.url = endpoint.url
      function.function.target = .http(target)
      _ = try await client.call("FunctionService/CreateFunction", function, as: Function.self)
      var request = CreateEventRequest()
      request.event.event = event
      request.event.functionID = "f\(number)"
      _ = try await client.call("EventService/CreateEvent", request, as: Event.self)
    }
  }

  private static let payload = Array(
    (#"{"order": 1, "text": ""# + String(repeating: "x", count: 170) + "\"}").utf8)

  /// Emits so many triggers as fast as they are taken, spread over all events.
  ///
  /// - Returns: how many were refused.
  func flood(_ count: Int) async throws -> Int {
    let refused = Atomic(0)
    let events = events
    try await client.exchange("TriggerService/EmitEvents") { send in
      for number in 0..<count {
        var emit = EmitEventRequest()
        emit.content.event = events[number % events.count]
        emit.content.payload.data = Self.payload
        var request = EmitEventsRequest()
        (request.sequence, request.emit) = (UInt64(number), emit)
        try await send(request)
      }
    } receiving: { (response: EmitEventsResponse) in
      if case .error? = response.result { refused.add(1, ordering: .relaxed) }
    }
    return refused.load(ordering: .relaxed)
  }

  /// One trigger, from the call to the summary: accepted, run, recorded.
  func roundTrip() async throws -> Duration {
    var request = TriggerEventRequest()
    request.content.event = events[0]
    request.content.payload.data = Self.payload
    let start = ContinuousClock.now
    var succeeded: Int32 = 0
    try await client.stream("TriggerService/TriggerEvent", request) {
      (response: TriggerEventResponse) in
      if case .summary(let summary)? = response.update { succeeded = summary.succeeded }
    }
    precondition(succeeded == 1, "the round trip failed")
    return ContinuousClock.now - start
  }
}
