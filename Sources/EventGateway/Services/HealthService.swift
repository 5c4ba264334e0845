internal import EventCore
internal import GRPC
internal import Messages

/// grpc.health.v1.Health: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
struct HealthService: Sendable {
  let health: Health
  /// The services that can be asked for; the empty name stands for the whole server.
  let services: [String]

  func register(in router: inout Router) {
    let service = "/grpc.health.v1.Health"
    router.unary("\(service)/Check", check)
    router.serverStreaming("\(service)/Watch", watch)
  }

  private func check(_ call: Call, _ request: HealthCheckRequest) async throws
    -> HealthCheckResponse
  {
    guard isKnown(request.service) else {
      throw RPCError(.notFound, "there is no service '\(request.service.prefix(128))'")
    }
    return HealthCheckResponse(health.status)
  }

  private func watch(
    _ call: Call, _ request: HealthCheckRequest, _ responses: Responses<HealthCheckResponse>
  ) async throws {
    let isKnown = isKnown(request.service)
    if !isKnown { try await responses.write(HealthCheckResponse(.serviceUnknown)) }
    // An unknown service stays unknown, and the protocol wants the stream to stay open.
    for await status in health.watch() where isKnown {
      try await responses.write(HealthCheckResponse(status))
    }
    try Task.checkCancellation()
    throw GatewayError(.draining, "the gateway is shutting down", retryAfter: .seconds(1))
  }

  private func isKnown(_ service: String) -> Bool {
    service.isEmpty || services.contains(service)
  }
}
