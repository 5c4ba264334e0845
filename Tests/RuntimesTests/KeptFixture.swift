import EventCore
import NIOPosix

@testable import Runtimes

/// A runtime and scripts for kept processes, for the time of one closure.
struct KeptFixture: Sendable {
  let directory: ScriptDirectory
  let runtime: ProcessRuntime

  static func with(
    keptMax: Int = RuntimeLimits.keptProcessesMax,
    _ body: (KeptFixture) async throws -> Void
  ) async throws {
    let directory = try ScriptDirectory()
    let fixture = KeptFixture(
      directory: directory,
      runtime: try ProcessRuntime(
        allowedDirectories: [directory.path], group: MultiThreadedEventLoopGroup.singleton,
        keptMax: keptMax, grace: .milliseconds(300)))
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(fixture))
    } catch {
      result = .failure(error)
    }
    await fixture.runtime.shutdown()
    try result.get()
  }

  /// A function whose processes run a shell script; `answer TEXT` in it answers the line that was
  /// read last, with TEXT as the output.
  func function(
    _ script: String, id: String = "f", uid: UInt64 = 0,
    _ change: (inout ProcessTarget.KeepAlive) -> Void = { _ in }
  ) throws -> Function {
    var target = ProcessTarget()
    target.command = try directory.script(Self.prelude + script, name: id + ".sh")
    var keepAlive = ProcessTarget.KeepAlive()
    change(&keepAlive)
    target.keepAlive = keepAlive
    var function = Function()
    function.functionID = id
    function.stamp.uid = UniqueID(high: 0, low: uid)
    function.target = .process(target)
    return function
  }

  func run(
    _ function: Function, data: [UInt8] = [], into sink: RecordingSink = RecordingSink()
  ) async -> AttemptResult {
    var attempt = AttemptRequest.sample(function.target!, data: data)
    attempt.function = function
    attempt.deadline = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    return await runtime.run(attempt, into: sink)
  }

  /// The pids that scripts have noted with `echo $$ >> pids`.
  func pids() throws -> [String] {
    try directory.contents("pids").split(separator: "\n").map(String.init)
  }

  private static let prelude = """
    answer() {
      id=${line#*'"dispatchinvocation":"'}
      printf '{"id":"%s","output":"%s"}\\n' "${id%%'"'*}" "$1"
    }

    """
}
