internal import CEventProtos

/// grpc.health.v1.HealthCheckRequest.
package struct HealthCheckRequest: WireMessage {
  /// Empty for the server as a whole.
  package var service = ""

  package init() {}

  package static let coding = MessageCoding<HealthCheckRequest>(
    grpc__health__v1__health_check_request__init
  ) {
    $2.string(&$0.service, &$1.service)
  }
}

/// grpc.health.v1.HealthCheckResponse.
package struct HealthCheckResponse: WireMessage, Hashable {
  package var status = Status.unknown

  package enum Status: Int32, Sendable {
    case unknown = 0
    case serving, notServing, serviceUnknown
  }

  package init() {}

  package init(_ status: Status) {
    self.status = status
  }

  package static let coding = MessageCoding<HealthCheckResponse>(
    grpc__health__v1__health_check_response__init
  ) {
    $2.enumeration(&$0.status, &$1.status, "status")
  }
}
