import Testing

@testable import Runtimes

struct HTTPAddressTests {
  @Test(arguments: [
    ("http://host", "http://host"), ("https://host:8443/path?secret#x", "https://host:8443"),
    ("http://user:password@host/", "http://host"), ("http://[::1]:80/x", "http://[::1]:80"),
    ("http://host?a@b", "http://host"),
  ])
  func `an address shows the host and nothing that may be secret`(url: String, shown: String) {
    #expect(HTTPAddress(url).description == shown)
  }

  @Test(arguments: ["http://host", "http://host:1/", "https://[::1]:65535/x", "http://[::1]?a:b"])
  func `a URL with a host and maybe a port is right`(url: String) {
    #expect(HTTPAddress.problem(in: url) == nil)
  }

  @Test(arguments: [
    ("http://", "has no host"), ("http:///path", "has no host"), ("http://:80/", "has no host"),
    ("http://host:0/", "has the port '0'; it must be between 1 and 65535"),
    ("http://host:65536/", "has the port '65536'; it must be between 1 and 65535"),
    ("http://u:p@host/", "must not contain a user or password: send them in a header"),
  ])
  func `a URL that can't be called is refused`(url: String, problem: String) {
    #expect(HTTPAddress.problem(in: url) == problem)
  }
}
