import EventCore
import Messages
import Testing

struct SigningTests {
  private let secrets = [
    SigningSecret("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    SigningSecret("whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"),
  ]

  @Test func `a client's secrets reach the gateway`() throws {
    let received = try CreateFunctionRequest(request.packed(as: .client), from: .client)
    #expect(received.function.signing?.secrets == secrets)
  }

  @Test func `the gateway shows ids instead of secrets`() throws {
    let answer = request.function.packed()
    let shown = try #require(try Function(answer, from: .server).signing)
    #expect(shown.secrets.isEmpty)
    // printf %s SECRET | sha256sum | cut -c 1-8
    #expect(shown.secretIDs == ["d3a8bab5", "ddf9d0d2"])
    #expect(!String(decoding: answer, as: UTF8.self).contains("whsec_"))
    #expect(!"\(request.function.tree)".contains("whsec_"))
  }

  @Test func `ids from a client are ignored, secrets from a server too`() throws {
    let id = [UInt8].field(2, text: "01234567")
    #expect(try HTTPTarget.Signing(id, from: .client) == HTTPTarget.Signing())
    let secret = [UInt8].field(1, text: secrets[0].text)
    #expect(try HTTPTarget.Signing(secret, from: .server) == HTTPTarget.Signing())
  }

  @Test func `what prints a secret does not show it`() {
    var text = ""
    dump(request, to: &text)
    for shown in [text, "\(request)", String(reflecting: request), "\(secrets)"] {
      #expect(!shown.contains("whsec_"))
    }
  }

  private var request: CreateFunctionRequest {
    var target = HTTPTarget()
    target.signing = HTTPTarget.Signing()
    target.signing?.secrets = secrets
    var request = CreateFunctionRequest()
    request.function.target = .http(target)
    return request
  }
}

extension Function {
  fileprivate var signing: HTTPTarget.Signing? {
    guard case .http(let target) = target else { return nil }
    return target.signing
  }
}
