import EventCore
import NIOHTTP1

/// What a response means.
///
/// | status | outcome |
/// |---|---|
/// | 2xx | success |
/// | 408, 409, 425, 429, 5xx | the function failed; a retry may help, after Retry-After if it is there |
/// | 410 | the endpoint is gone: its subscription is paused, and a retry waits for the resume |
/// | other 4xx | the function refused the payload; final |
/// | everything else | the function failed; final |
struct HTTPOutcome {
  let status: HTTPResponseStatus
  let dataType: String
  let retryAfter: Duration?
  private let time: Timestamp

  init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, now: Timestamp) {
    self.status = status
    time = now
    let type = headers.first(name: "content-type") ?? ""
    dataType = type.utf8.count <= Limits.dataTypeBytesMax ? type : ""
    retryAfter = headers.first(name: "retry-after").flatMap { RetryAfter($0)?.wait(from: now) }
  }

  func result(from address: HTTPAddress) -> AttemptResult {
    let reason = status.reasonPhrase.isEmpty ? "" : " \(status.reasonPhrase)"
    let answer = "\(address) answered \(status.code)\(reason)"
    switch status.code {
    case 200..<300:
      return AttemptResult(.succeeded, dataType: dataType)
    case 408, 409, 425, 429, 500..<600:
      return failed(.function, answer, isFinal: false)
    case 410:
      return gone(answer, from: address)
    case 400..<500:
      return failed(.input, answer, isFinal: true)
    case 300..<400:
      return failed(.function, answer + "; redirects are not followed", isFinal: true)
    default:
      return failed(.function, answer, isFinal: true)
    }
  }

  private func gone(_ answer: String, from address: HTTPAddress) -> AttemptResult {
    var result = failed(.function, answer, isFinal: false)
    result.pauseReason = "\(address) answered 410 Gone at \(time)"
    return result
  }

  private func failed(
    _ errorClass: InvocationError.Class, _ message: String, isFinal: Bool
  ) -> AttemptResult {
    .failed(
      errorClass, code: "HTTP_\(status.code)", message: message, isFinal: isFinal,
      retryAfter: isFinal ? nil : retryAfter, dataType: dataType)
  }
}
