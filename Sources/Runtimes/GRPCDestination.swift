import EventCore
import GRPC
import NIOCore

/// What a channel leads to: functions with the same destination share it.
struct GRPCDestination: Hashable, Sendable {
  private let address: String
  private let usesTLS: Bool
  private let serverName: String
  private let authorities: String

  init(_ target: GRPCTarget) {
    address = target.address
    usesTLS = target.usesTLS
    serverName = target.serverName
    authorities = target.authorities
  }

  /// Of a client that connects when it is used.
  ///
  /// - Throws: what is wrong with the target, in the words of the field that it comes from.
  func configuration() throws(GatewayError) -> GRPCClient.Configuration {
    let endpoints = address.split(separator: ",").compactMap { Endpoint($0) }
    guard !endpoints.isEmpty else { throw .invalid("function.grpc.address", "has no address") }
    var configuration = GRPCClient.Configuration(endpoints: endpoints)
    configuration.tls = try credentials()
    configuration.limits.connectTimeout = .init(RuntimeLimits.connectTimeout)
    configuration.limits.backoffInitial = .init(RuntimeLimits.reconnectMin)
    configuration.limits.backoffMax = .init(RuntimeLimits.reconnectMax)
    configuration.limits.keepaliveTime = .init(RuntimeLimits.keepaliveTime)
    return configuration
  }

  /// Nil without TLS.
  private func credentials() throws(GatewayError) -> ClientTLS? {
    guard usesTLS else { return nil }
    var configuration = ClientTLS.Configuration()
    configuration.authoritiesText = authorities.isEmpty ? nil : authorities
    configuration.serverName = serverName.isEmpty ? nil : serverName
    do {
      return try ClientTLS(configuration)
    } catch {
      throw .invalid("function.grpc.ca_certificates", "can't be used: \(error)")
    }
  }
}
