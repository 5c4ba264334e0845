@testable import GRPC

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Certificates that are good until 2126, in a directory of their own for as long as this lives.
/// The server's is for localhost and 127.0.0.1; the client's has a URI, a DNS name and an address.
final class CertificateFiles: Sendable {
  private let directory: String

  init() throws {
    var template = Array("/tmp/event-gateway-tls-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TLSError("no temporary directory") }
    directory = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
    for (name, text) in Self.texts { try write(text, to: name) }
  }

  deinit {
    for name in Self.texts.keys { unlink(path(name)) }
    rmdir(directory)
  }

  var authority: String { path("ca.pem") }
  var server: TLSFiles { TLSFiles(certificate: path("server.pem"), key: path("server.key")) }
  var client: TLSFiles { TLSFiles(certificate: path("client.pem"), key: path("client.key")) }

  var authorityText: String { Self.texts["ca.pem"]! }

  func path(_ name: String) -> String { "\(directory)/\(name)" }

  /// In place of what is there.
  func write(_ text: String, to name: String) throws {
    guard let file = fopen(path(name), "w") else { throw TLSError("can't write \(name)") }
    fputs(text, file)
    fclose(file)
  }

  static let texts = [
    "ca.pem": """
    -----BEGIN CERTIFICATE-----
    MIIBfzCCASWgAwIBAgIUY565uyWhYfZu35fCsxHzUznyPcowCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyNDExMDIzN1oYDzIxMjYxMDMx
    MTEwMjM3WjAUMRIwEAYDVQQDDAlhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAAT7RMyxGbWq+5ZVFFRLn+gIDIhOA4/wjV68llUEGWPXveVnIsP9To7K
    77rUNhqjtMION3cMHTLY0phEiayveT+Yo1MwUTAdBgNVHQ4EFgQUH2+sf+8mfO7x
    RXTuxPCbZqsRlVYwHwYDVR0jBBgwFoAUH2+sf+8mfO7xRXTuxPCbZqsRlVYwDwYD
    VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA+QR4JnjJqBf1ToiBtnVT
    Cbq9eNXUrRjL9aiRjilboUsCID5DWYiP83UyrmtG88ChIzHIz+7myEK/bq/wcjKi
    LZEJ
    -----END CERTIFICATE-----
    """,
    "server.pem": """
    -----BEGIN CERTIFICATE-----
    MIIBhzCCAS2gAwIBAgIUbFBY6dB/t+GgrKmQ09ILwCf/vxcwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyNDExMDIzN1oYDzIxMjYxMDMx
    MTEwMjM3WjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMB
    BwNCAARsfFcHSiROzF+8VFQZvBwwBXI1dOqe1vUL4f7pbQGlpBRWdEUjuDhp0ATG
    eId/+M7Oyx7frB2kXj6m5l/q53kqo14wXDAaBgNVHREEEzARgglsb2NhbGhvc3SH
    BH8AAAEwHQYDVR0OBBYEFFfIJZXDTZMyEtA9yvwWHJ50EPyoMB8GA1UdIwQYMBaA
    FB9vrH/vJnzu8UV07sTwm2arEZVWMAoGCCqGSM49BAMCA0gAMEUCIQCzvZSc39jH
    +8nrpYhvC4EhR/iRazO8vesVFicAe0iHRgIgPqg5bppCD0yTBpWc9SDC9ieou4sh
    z+a238P2KdtqW9o=
    -----END CERTIFICATE-----
    """,
    "server.key": """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsQg07vkJdRi3wHRA
    eakHt+MISKPVE7iwh29YGdpqACChRANCAARsfFcHSiROzF+8VFQZvBwwBXI1dOqe
    1vUL4f7pbQGlpBRWdEUjuDhp0ATGeId/+M7Oyx7frB2kXj6m5l/q53kq
    -----END PRIVATE KEY-----
    """,
    "client.pem": """
    -----BEGIN CERTIFICATE-----
    MIIBwzCCAWmgAwIBAgIUbFBY6dB/t+GgrKmQ09ILwCf/vxgwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTI2MTEyNDExMDIzN1oYDzIxMjYxMDMx
    MTEwMjM3WjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMB
    BwNCAAQdEPsSS7fN3aaI2x+VeMm36rBylZ7OD0yuYftN2XVxULNpFOJTycrAEfZq
    dSlCp4S/ON9WQC3+4IZLNgER9AjLo4GZMIGWMFQGA1UdEQRNMEuGHXNwaWZmZTov
    L2Rpc3BhdGNoLnRlc3Qvd29ya2VyghR3b3JrZXIuZGlzcGF0Y2gudGVzdIEUd29y
    a2VyQGRpc3BhdGNoLnRlc3QwHQYDVR0OBBYEFNvU1dZO8h7O1a/EaLcEKXxc1xFY
    MB8GA1UdIwQYMBaAFB9vrH/vJnzu8UV07sTwm2arEZVWMAoGCCqGSM49BAMCA0gA
    MEUCICA4IrsOMJuWXLCdYBAi/ZbZ4mCQ7W+ZSZlhL/zIUczDAiEAhCRyzzW37LsJ
    dJiwjUpg4BISxfiyz7IlQAZtl7hGu1g=
    -----END CERTIFICATE-----
    """,
    "client.key": """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZRS69eJ5iX85UPve
    rmggY2bKgAhHtGBe/3Qh9BAlgF6hRANCAAQdEPsSS7fN3aaI2x+VeMm36rBylZ7O
    D0yuYftN2XVxULNpFOJTycrAEfZqdSlCp4S/ON9WQC3+4IZLNgER9AjL
    -----END PRIVATE KEY-----
    """,
  ]
}
