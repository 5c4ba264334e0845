internal import GRPC
public import Logging

extension Worker {
  public struct Configuration: Sendable {
    /// Of the gateway, such as `127.0.0.1:7070`, `[::1]:7070` or `unix:/run/gateway.sock`. Of several
    /// the first that can be reached is used.
    public var addresses: [String]

    /// Whose functions it runs.
    public var organization = "default"

    /// Names the worker for people: attempts are shown with it.
    public var name = "swift-\(hexadecimal(UInt32.random(in: .min ... .max)))"

    /// Attempts at once, up to 1,000. The gateway never assigns more.
    public var concurrency = 8

    /// Nil connects in plaintext.
    public var tls: TLS?

    public var logger = Logger(label: "dispatch-worker")

    public init(addresses: [String]) {
      self.addresses = addresses
    }

    public init(address: String) {
      self.init(addresses: [address])
    }
  }

  /// All files are in PEM form.
  public struct TLS: Sendable {
    /// The authorities to trust; nil takes the system's.
    public var authorities: String?

    /// What the worker proves itself with, both or neither.
    public var certificate: String?
    public var key: String?

    /// The name that the gateway's certificate must have; nil takes that of the address.
    public var serverName: String?

    public init() {}
  }
}

private func hexadecimal(_ number: UInt32) -> String { String(number, radix: 16) }

extension Worker.Configuration {
  func check() throws(WorkerError) {
    guard (1...WorkerLimits.concurrencyMax).contains(concurrency) else {
      throw WorkerError(
        "a worker's concurrency is \(concurrency); it must be from 1 to"
          + " \(WorkerLimits.concurrencyMax)")
    }
    guard !addresses.isEmpty else { throw WorkerError("a worker needs an address") }
  }

  /// Reads the files of TLS.
  func client() throws(WorkerError) -> GRPCClient.Configuration {
    var endpoints: [Endpoint] = []
    for address in addresses {
      guard let endpoint = Endpoint(address) else {
        throw WorkerError("'\(address)' is no address such as 127.0.0.1:7070")
      }
      endpoints.append(endpoint)
    }
    var client = GRPCClient.Configuration(endpoints: endpoints)
    client.userAgent = "dispatch-worker-swift"
    if let tls { client.tls = try tls.client() }
    return client
  }
}

extension Worker.TLS {
  fileprivate func client() throws(WorkerError) -> ClientTLS {
    var client = ClientTLS.Configuration()
    client.authorities = authorities
    client.serverName = serverName
    switch (certificate, key) {
    case (let certificate?, let key?): client.files = TLSFiles(certificate: certificate, key: key)
    case (nil, nil): break
    default: throw WorkerError("TLS needs both a certificate and its key, or neither")
    }
    do {
      return try ClientTLS(client)
    } catch {
      throw WorkerError("\(error)")
    }
  }
}
