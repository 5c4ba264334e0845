import EventCore
import Testing

/// The bounds of what a function's target may say, at each and one past it.
@Suite struct FunctionTargetTests {
  @Test func `an HTTP function's timeouts have least and largest values`() {
    #expect(wrong { $0.connectTimeout = .milliseconds(100) } == [])
    #expect(wrong { $0.connectTimeout = .seconds(60) } == [])
    let past = Duration.nanoseconds(1)
    #expect(wrong { $0.connectTimeout = .milliseconds(100) - past } == ["connect_timeout"])
    #expect(wrong { $0.connectTimeout = .seconds(60) + past } == ["connect_timeout"])
    #expect(wrong { $0.responseTimeout = .milliseconds(100) } == [])
    #expect(wrong { $0.responseTimeout = .seconds(3_600) } == [])
    #expect(wrong { $0.responseTimeout = .milliseconds(100) - past } == ["response_timeout"])
    #expect(wrong { $0.responseTimeout = .seconds(3_600) + past } == ["response_timeout"])
  }

  @Test func `authorities are bounded, and for TLS only`() {
    #expect(wrong { $0.caCertificates = text(64 << 10) } == [])
    #expect(wrong { $0.caCertificates = text(64 << 10 + 1) } == ["ca_certificates"])
    #expect(
      wrong {
        $0.url = "http://x"
        $0.caCertificates = "x"
      } == ["ca_certificates"])
  }

  @Test(arguments: [
    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "whsec_" + String(repeating: "A", count: 84) + "AA==",
    "whsec_+/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
  ])
  func `a secret of 24 to 64 bytes is taken`(_ secret: String) {
    #expect(wrong(signing: [secret]) == [])
  }

  @Test(arguments: [
    ("", "nothing"), ("whsec_", "no bytes"), ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "no prefix"),
    ("WHSEC_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "another prefix"),
    ("whsec_" + String(repeating: "A", count: 30) + "A=", "23 bytes"),
    ("whsec_" + String(repeating: "A", count: 84) + "AAA=", "65 bytes"),
    ("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "no padding"),
    ("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB==", "spare bits"),
    ("whsec_-_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "the alphabet of URLs"),
    ("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", "a line's end"),
  ])
  func `an ill-formed secret is refused, and not repeated`(_ secret: String, _ why: String) {
    let violations = violations(signing: [secret])
    #expect(violations.map(\.field) == ["function.http.signing.secrets[0]"])
    #expect(
      violations.map(\.problem) == ["must be 'whsec_' and the base64 of 24 to 64 bytes"])
  }

  @Test func `there are one or two secrets`() {
    let secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    #expect(wrong(signing: []) == ["signing.secrets"])
    #expect(wrong(signing: [secret, secret]) == [])
    #expect(wrong(signing: [secret, secret, secret]) == ["signing.secrets"])
  }

  @Test func `headers of a signature are the gateway's where it signs`() {
    #expect(wrong { $0.headers = ["webhook-id": "x"] } == [])
    #expect(
      wrong(signing: ["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]) {
        $0.headers = ["webhook-id": "x", "webhooks": "x"]
      } == ["headers[webhook-id]"])
  }

  @Test func `an update without secrets keeps those there are`() {
    let old = function(signing: ["whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
    #expect(function(signing: []).keepingSecrets(of: old) == old)
    let unsigned = function { _ in }
    #expect(unsigned.keepingSecrets(of: old) == unsigned)
    let other = function(signing: ["whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"])
    #expect(other.keepingSecrets(of: old) == other)
    #expect(
      function(signing: []).keepingSecrets(of: unsigned).check("function").violations.count == 1)
  }

  @Test func `kept processes have least and largest numbers`() {
    #expect(wrong(kept: { $0.processesMax = 1 }) == [])
    #expect(wrong(kept: { $0.processesMax = 64 }) == [])
    #expect(wrong(kept: { $0.processesMax = 65 }) == ["processes_max"])
    #expect(wrong(kept: { $0.processesMax = -1 }) == ["processes_max"])
    #expect(wrong(kept: { $0.invocationsMax = .max }) == [])
    #expect(wrong(kept: { $0.invocationsMax = -1 }) == ["invocations_max"])
    #expect(wrong(kept: { $0.idleTimeout = .seconds(1) }) == [])
    #expect(wrong(kept: { $0.idleTimeout = .milliseconds(999) }) == ["idle_timeout"])
    #expect(wrong(kept: { $0.idleTimeout = .seconds(86_400) }) == [])
    #expect(wrong(kept: { $0.idleTimeout = .milliseconds(86_400_001) }) == ["idle_timeout"])
  }

  @Test func `no more run at a time than there may be kept processes`() {
    var kept = ProcessTarget.KeepAlive()
    kept.processesMax = 3
    var process = ProcessTarget()
    process.keepAlive = kept
    var function = Function()
    function.target = .process(process)
    #expect(function.concurrency == 3)
    function.flow.maxConcurrency = 2
    #expect(function.concurrency == 2)
  }

  // MARK: Functions

  private func function(
    signing secrets: [String]? = nil, _ change: (inout HTTPTarget) -> Void = { _ in }
  ) -> Function {
    var target = HTTPTarget()
    target.url = "https://x"
    if let secrets {
      target.signing = HTTPTarget.Signing()
      target.signing?.secrets = secrets.map(SigningSecret.init)
    }
    change(&target)
    var function = Function()
    function.functionID = "f"
    function.target = .http(target)
    return function
  }

  private func violations(signing secrets: [String]) -> [FieldViolation] {
    function(signing: secrets).check("function").violations
  }

  /// The fields that are wrong, from the target.
  private func wrong(
    signing secrets: [String]? = nil, _ change: (inout HTTPTarget) -> Void = { _ in }
  ) -> [String] {
    function(signing: secrets, change).check("function").violations
      .map { String($0.field.dropFirst("function.http.".count)) }
  }

  private func wrong(kept change: (inout ProcessTarget.KeepAlive) -> Void) -> [String] {
    var process = ProcessTarget()
    process.command = "/bin/true"
    var kept = ProcessTarget.KeepAlive()
    change(&kept)
    process.keepAlive = kept
    var function = Function()
    function.functionID = "f"
    function.target = .process(process)
    return function.check("function").violations
      .map { String($0.field.dropFirst("function.process.keep_alive.".count)) }
  }

  private func text(_ count: Int) -> String { String(repeating: "x", count: count) }
}
