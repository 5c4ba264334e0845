import EventCore
import NIOHTTP1
import Testing

@testable import Runtimes

struct HTTPOutcomeTests {
  private let now = Timestamp(nanoseconds: 784_111_777 * 1_000_000_000)
  private let address = HTTPAddress("http://user@host:81/path?secret")

  @Test(arguments: [200, 201, 204, 299])
  func `2xx is success`(code: Int) {
    #expect(outcome(code).result(from: address) == AttemptResult(.succeeded))
  }

  @Test(arguments: [408, 409, 425, 429, 500, 503, 599])
  func `a retry may help`(code: Int) {
    let error = outcome(code, ["retry-after": "9"]).result(from: address).error
    #expect(error?.errorClass == .function && error?.isFinal == false)
    #expect(error?.code == "HTTP_\(code)" && error?.retryAfter == .seconds(9))
  }

  @Test(arguments: [400, 401, 404, 411, 422])
  func `other 4xx refuse the payload`(code: Int) {
    let error = outcome(code, ["retry-after": "9"]).result(from: address).error
    #expect(error?.errorClass == .input && error?.isFinal == true && error?.retryAfter == nil)
  }

  @Test func `410 is a failure that pauses the subscription and says since when`() {
    let result = outcome(410).result(from: address)
    #expect(result.error?.errorClass == .function && result.error?.isFinal == false)
    #expect(result.error?.code == "HTTP_410")
    #expect(result.pauseReason == "\(address) answered 410 Gone at 1994-11-06T08:49:37Z")
    #expect(outcome(404).result(from: address).pauseReason == nil)
  }

  @Test(arguments: [300, 301, 304, 399, 600, 999])
  func `what is left is the function's failure`(code: Int) {
    let error = outcome(code).result(from: address).error
    #expect(error?.errorClass == .function && error?.isFinal == true)
  }

  @Test func `a content type that is too long is left out`() {
    let long = String(repeating: "x", count: Limits.dataTypeBytesMax)
    #expect(outcome(200, ["content-type": long]).dataType == long)
    #expect(outcome(200, ["content-type": long + "x"]).dataType == "")
  }

  @Test(arguments: [
    ("0", Duration.zero), ("120", .seconds(120)), ("99999999999999999999", Limits.backoffMax),
    ("Sun, 06 Nov 1994 08:50:37 GMT", .seconds(60)),
    ("Sunday, 06-Nov-94 08:50:37 GMT", Limits.backoffMax),
    ("Fri, 31 Dec 9999 23:59:59 GMT", Limits.backoffMax),
    ("Sun Nov  6 08:50:37 1994", .seconds(60)), ("Sun, 06 Nov 1994 08:49:00 GMT", .zero),
  ])
  func `Retry-After is a number of seconds or a date`(text: String, wait: Duration) {
    #expect(RetryAfter(text)?.wait(from: now) == wait)
  }

  @Test(arguments: [
    "", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "06 Nov 1994",
  ])
  func `another Retry-After is ignored`(text: String) {
    #expect(RetryAfter(text) == nil)
  }

  private func outcome(_ code: Int, _ headers: HTTPHeaders = [:]) -> HTTPOutcome {
    HTTPOutcome(HTTPResponseStatus(statusCode: code), headers, now: now)
  }
}
