import ArgumentParser
import GRPC

extension Endpoint: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }

  var defaultValueDescription: String { description }
}

/// Where a client may find the gateway, in the order to try.
struct GatewayAddresses: ExpressibleByArgument {
  var endpoints: [Endpoint]

  init(endpoints: [Endpoint]) { self.endpoints = endpoints }

  /// Nil if one of them is no address.
  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    endpoints = parts.compactMap { Endpoint($0) }
    guard endpoints.count == parts.count else { return nil }
  }
}
