import ArgumentParser
import GRPC

/// TLS of `serve`: for every TCP address of --listen once there is a certificate.
struct ServerTLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "PEM file of the certificate chain, leaf first. Turns on TLS for all TCP addresses of --listen.",
      valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("PEM file of its key.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "PEM file of the authorities that sign client certificates; turns on mutual TLS.",
      valueName: "file"))
  var tlsClientCa: String?

  @Option(help: "Whether clients must have a certificate: required or optional.")
  var tlsClientAuth = ClientAuthentication.required

  @Option(
    help: ArgumentHelp(
      "A further address, without TLS. May be repeated.", valueName: "address"))
  var listenPlaintext: [Endpoint] = []

  enum ClientAuthentication: String, ExpressibleByArgument, CaseIterable {
    case required, optional
  }

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together")
    }
    guard tlsClientCa == nil || tlsCertificate != nil else {
      throw ValidationError("--tls-client-ca needs --tls-certificate and --tls-key")
    }
  }

  /// Nil without a certificate.
  func credentials() throws(TLSError) -> ServerTLS? {
    guard let tlsCertificate, let tlsKey else { return nil }
    var configuration = ServerTLS.Configuration(
      files: TLSFiles(certificate: tlsCertificate, key: tlsKey))
    configuration.clientAuthorities = tlsClientCa
    configuration.requiresClientCertificate = tlsClientAuth == .required
    return try ServerTLS(configuration)
  }
}

/// TLS of the client commands.
struct ClientTLSOptions: ParsableArguments {
  @Flag(help: "Talk TLS, and trust the authorities of this system.")
  var tls = false

  @Option(
    help: ArgumentHelp("Talk TLS, and trust the authorities of this PEM file.", valueName: "file"))
  var tlsCa: String?

  @Option(
    help: ArgumentHelp("PEM file of a client certificate, for mutual TLS.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("PEM file of its key.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Name that the gateway's certificate must have, if not that of --gateway.",
      valueName: "name"))
  var tlsServerName: String?

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together")
    }
  }

  /// Nil if nothing asks for TLS.
  func credentials() throws(TLSError) -> ClientTLS? {
    guard tls || tlsCa != nil || tlsCertificate != nil || tlsServerName != nil else { return nil }
    var configuration = ClientTLS.Configuration()
    configuration.authorities = tlsCa
    configuration.serverName = tlsServerName
    if let tlsCertificate, let tlsKey {
      configuration.files = TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }
    return try ClientTLS(configuration)
  }
}
