import AsyncHTTPClient
package import EventCore
import NIOCore
import NIOHTTP1
package import NIOPosix
import NIOSSL

/// Calls HTTP endpoints with CloudEvents 1.0 (see `CloudEventRequest`).
///
/// The response's body is the output, its content type the output's type, and its status the
/// outcome (see `HTTPOutcome`). Redirects are not followed. HTTP/2 is used where TLS offers it.
package final class HTTPRuntime: FunctionRuntime {
  private let client: HTTPClient
  private let authorities = TrustedAuthorities()

  /// - Parameters:
  ///   - group: runs the connections; it must outlive this.
  ///   - connectionsPerHostMax: of HTTP/1.1; further requests wait for one of them, which counts as
  ///     connecting.
  package init(
    group: MultiThreadedEventLoopGroup,
    connectionsPerHostMax: Int = RuntimeLimits.connectionsPerHostMax
  ) {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: TrustedAuthorities.system, redirectConfiguration: .disallow)
    // Of a connection, which others may wait for, too; a request's own is `HTTPExchange`'s matter.
    configuration.timeout.connect = .nanoseconds(Limits.connectTimeout.upperBound.wholeNanoseconds)
    configuration.connectionPool.idleTimeout = .init(RuntimeLimits.idleConnectionTimeout)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
      connectionsPerHostMax
    // A retry is the delivery policy's matter, with an error that says what is wrong now.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.checkResponses()
    client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
  }

  /// Closes its connections, with requests that still run. To be called once, when no attempt runs.
  package func shutdown() async {
    // It fails only when it was shut down before.
    try? await client.shutdown()
  }

  package func validate(_ function: Function) throws(GatewayError) {
    guard case .http(let target) = function.target else { return }
    if let problem = HTTPAddress.problem(in: target.url) {
      throw .invalid("function.http.url", problem)
    }
    if let problem = TrustedAuthorities.problem(in: target.caCertificates) {
      throw .invalid("function.http.ca_certificates", problem)
    }
  }

  /// The caller bounds the time of all of it, by cancelling the task.
  package func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    guard case .http(let target) = attempt.function.target else {
      return .noTarget(attempt.function)
    }
    let content = CloudEventRequest(attempt, to: target, now: .now())
    let request = try? HTTPClient.Request(
      url: target.url, method: .POST, headers: content.headers, body: .bytes(content.body),
      tlsConfiguration: authorities.configuration(for: target.caCertificates))
    guard let request else { return .invalidURL }
    let address = HTTPAddress(target.url)
    let exchange = HTTPExchange(target, into: sink)
    do {
      return try await exchange.run(request, by: client).result(from: address)
    } catch {
      return Task.isCancelled ? .cancelled : .failed(error, in: exchange.phase, at: address)
    }
  }
}
