import NIOCore
import Testing

@testable import GRPC

@Suite struct EndpointTests {
  @Test(arguments: [
    ("127.0.0.1:7070", Endpoint.tcp(host: "127.0.0.1", port: 7070)),
    ("localhost:0", .tcp(host: "localhost", port: 0)),
    ("[::1]:7070", .tcp(host: "::1", port: 7070)),
    ("unix:/run/gateway.sock", .unix(path: "/run/gateway.sock")),
    ("unix:gateway.sock", .unix(path: "gateway.sock")),
  ])
  func `an address is read and written`(text: String, endpoint: Endpoint) {
    #expect(Endpoint(text) == endpoint)
    #expect(endpoint.description == text)
  }

  @Test func `three slashes are an absolute path`() {
    #expect(Endpoint("unix:///run/gateway.sock") == .unix(path: "/run/gateway.sock"))
  }

  @Test(arguments: ["", "7070", ":7070", "host:", "host:65536", "::1:7070", "unix:", "[]:7070"])
  func `what is none is refused`(text: String) { #expect(Endpoint(text) == nil) }

  @Test func `a path is as long as a socket's may be`() {
    #expect(Endpoint("unix:" + String(repeating: "x", count: 107)) != nil)
    #expect(Endpoint("unix:" + String(repeating: "x", count: 108)) == nil)
  }
}

@Suite struct PeerNetworkTests {
  private func network(_ address: String) throws -> PeerNetwork {
    try #require(PeerNetwork(SocketAddress(ipAddress: address, port: 1)))
  }

  @Test func `an IPv4 address is a network of its own, mapped to IPv6 or not`() throws {
    #expect(try network("192.0.2.1") != network("192.0.2.2"))
    #expect(try network("192.0.2.1") == network("::ffff:192.0.2.1"))
    #expect(try network("::ffff:192.0.2.2") != network("::ffff:192.0.2.1"))
  }

  @Test func `an IPv6 network is its first 64 bits`() throws {
    #expect(try network("2001:db8:0:1::1") == network("2001:db8:0:1:ffff::2"))
    #expect(try network("2001:db8:0:1::1") != network("2001:db8:0:2::1"))
  }

  @Test func `a Unix domain socket is of no network`() throws {
    let path = try SocketAddress(unixDomainSocketPath: "/run/x")
    #expect(PeerNetwork(path) == nil)
    #expect(PeerNetwork(nil) == nil)
  }
}
