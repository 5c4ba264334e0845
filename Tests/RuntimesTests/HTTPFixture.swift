import EventCore
import NIOPosix
import Runtimes

/// A server and a runtime that calls it, for the time of one closure.
struct HTTPFixture {
  let server: HTTPServer
  let runtime: HTTPRuntime

  static func with(
    connectionsMax: Int = RuntimeLimits.connectionsPerHostMax,
    _ handler: @escaping HTTPServer.Handler, _ body: (HTTPFixture) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let fixture = HTTPFixture(
      server: try await HTTPServer(group: group, handler: handler),
      runtime: HTTPRuntime(group: group, connectionsPerHostMax: connectionsMax))
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(fixture))
    } catch {
      result = .failure(error)
    }
    await fixture.runtime.shutdown()
    await fixture.server.close()
    try result.get()
  }

  func run(
    _ path: String = "/", data: [UInt8] = [], dataType: String = "",
    metadata: [String: String] = [:], source: String = "", headers: [String: String] = [:],
    into sink: RecordingSink = RecordingSink()
  ) async -> AttemptResult {
    await run(
      url: server.url(path), data: data, dataType: dataType, metadata: metadata, source: source,
      headers: headers, into: sink)
  }

  func run(
    url: String, data: [UInt8] = [], dataType: String = "", metadata: [String: String] = [:],
    source: String = "", headers: [String: String] = [:],
    into sink: RecordingSink = RecordingSink()
  ) async -> AttemptResult {
    var target = HTTPTarget()
    target.url = url
    target.headers = headers
    let request = AttemptRequest.sample(
      .http(target), data: data, dataType: dataType, metadata: metadata, source: source)
    return await runtime.run(request, into: sink)
  }

  /// Runs a function whose target is the server's, changed.
  func run(
    data: [UInt8] = [], into sink: RecordingSink = RecordingSink(),
    changing change: (inout HTTPTarget) -> Void
  ) async -> AttemptResult {
    var target = HTTPTarget()
    target.url = server.url()
    change(&target)
    return await runtime.run(.sample(.http(target), data: data), into: sink)
  }
}
