import AsyncHTTPClient
package import EventCore
import NIOCore
package import NIOPosix

/// Calls HTTP endpoints with CloudEvents 1.0 in binary content mode.
///
/// The response's body is the output, its content type the output's type, and its status the
/// outcome (see `HTTPOutcome`). Redirects are not followed. HTTP/2 is used where TLS offers it.
package final class HTTPRuntime: FunctionRuntime {
  private let client: HTTPClient

  /// - Parameters:
  ///   - group: runs the connections; it must outlive this.
  ///   - connectionsPerHostMax: further requests wait for one of them, for
  ///     `RuntimeLimits.connectTimeout` at most.
  package init(
    group: MultiThreadedEventLoopGroup,
    connectionsPerHostMax: Int = RuntimeLimits.connectionsPerHostMax
  ) {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .init(RuntimeLimits.connectTimeout)
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
  }

  package func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    guard case .http(let target) = attempt.function.target else {
      return .noTarget(attempt.function)
    }
    do {
      // The caller bounds the time, by cancelling the task.
      let response = try await client.execute(
        HTTPClientRequest(attempt, to: target), deadline: .distantFuture)
      try await pass(response.body, to: sink)
      return HTTPOutcome(response).result(from: HTTPAddress(target.url))
    } catch {
      return Task.isCancelled ? .cancelled : .failed(error, at: HTTPAddress(target.url))
    }
  }

  /// Stops reading, which closes the connection, once the sink has more than it keeps.
  private func pass(_ body: HTTPClientResponse.Body, to sink: any OutputSink) async throws {
    var size = 0
    for try await chunk in body {
      sink.output(Array(chunk.readableBytesView))
      size += chunk.readableBytes
      if size > Limits.outputBytesMax { break }
    }
  }
}
