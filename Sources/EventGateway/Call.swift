internal import EventCore
internal import GRPC

/// What a service's method knows of its call besides the request.
struct Call: Sendable {
  let organization: Organization
  let server: ServerCall

  /// - Throws: INVALID_ARGUMENT if the organization's name is ill-formed.
  init(_ server: ServerCall) throws(GatewayError) {
    self.server = server
    if let name = server.header("x-dispatch-org") {
      organization = try Organization(name)
    } else {
      organization = .default
    }
  }
}
