import EventCore
import Testing

@testable import Runtimes

struct WebhookSignatureTests {
  /// The vector that the reference libraries of Standard Webhooks are tested with.
  private let secret = SigningSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
  private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
  private let time = Timestamp(nanoseconds: 1_614_265_330_999_999_999)
  private let body = Array(#"{"test": 2432232314}"#.utf8)
  private let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  @Test func `the signature is the standard's`() {
    let headers = WebhookSignature(of: body, id: id, at: time, by: [secret]).headers
    #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
    #expect(headers.map(\.value) == [id, "1614265330", signature])
  }

  @Test func `two secrets make two signatures, in their order`() {
    let other = SigningSecret("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    let values = { (secrets: [SigningSecret]) in
      WebhookSignature(of: body, id: id, at: time, by: secrets).headers[2].value
    }
    #expect(values([other, secret]) == "\(values([other])) \(signature)")
    #expect(values([other]) != signature)
  }

  @Test func `another id, time or body is another signature`() {
    let values = [
      WebhookSignature(of: body, id: id + "x", at: time, by: [secret]),
      WebhookSignature(of: body, id: id, at: time + .seconds(1), by: [secret]),
      WebhookSignature(of: body + [0], id: id, at: time, by: [secret]),
    ].map { $0.headers[2].value }
    #expect(Set(values + [signature]).count == 4)
  }
}
