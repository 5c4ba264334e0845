package import EventCore
package import NIOCore
import Subprocess

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

/// Runs local commands: a process for each attempt (`Command`), or kept ones (`KeptProcesses`).
///
/// A command gets the payload on its standard input and the CloudEvents attributes in its
/// environment (`ProcessEnvironment`). Its standard output is the output, each line of its standard
/// error a log line, and exit code 0 means success. It runs in the directory that it lies in, in a
/// session of its own; when it has exited, or the task is cancelled, nothing of its process group
/// is left.
package final class ProcessRuntime: FunctionRuntime {
  private let directories: AllowedDirectories
  private let grace: Duration
  private let slots: CommandSlots
  private let kept: KeptProcesses

  /// Ignores SIGPIPE in this process from now on: a function that does not read all of its input
  /// must not end the gateway. Commands start with the default.
  ///
  /// - Parameters:
  ///   - allowedDirectories: where commands may lie, at any depth; none allows none.
  ///   - group: of NIO's own loops; reads and writes the pipes of kept processes, and must outlive
  ///     this.
  ///   - commandsMax: how many run at once, of one organization that is alone half; the time that
  ///     others wait is their attempt's.
  ///   - keptMax: the same for kept processes, which all share.
  ///   - grace: from SIGTERM to SIGKILL.
  /// - Throws: if one of them is no directory.
  package init(
    allowedDirectories: [String], group: any EventLoopGroup,
    commandsMax: Int = RuntimeLimits.commandsMax, keptMax: Int = RuntimeLimits.keptProcessesMax,
    grace: Duration = RuntimeLimits.terminationGrace
  ) throws(GatewayError) {
    directories = try AllowedDirectories(allowedDirectories)
    self.grace = grace
    slots = CommandSlots(commandsMax)
    kept = KeptProcesses(group: group, processesMax: keptMax, grace: grace)
    signal(SIGPIPE, SIG_IGN)
  }

  /// Ends kept processes. To be called once, when no attempt runs.
  package func shutdown() async {
    await kept.shutdown()
  }

  /// Called for every definition that changes: processes of a function that is not the same any more
  /// are replaced.
  package func apply(_ update: DefinitionUpdate) {
    switch update {
    case .put(.function(let function), let organization):
      kept.define(
        KeptFloor.Definition(function),
        of: .init(organization: organization, functionID: function.functionID))
    case .deleted(let key, let organization) where key.kind == .function:
      kept.define(nil, of: .init(organization: organization, functionID: key.id))
    case .put, .deleted: break
    }
  }

  package func validate(_ function: Function) throws(GatewayError) {
    guard case .process(let target) = function.target else { return }
    _ = try directories.resolve(target.command)
    if let problem = ProcessEnvironment.problem(in: target) { throw problem }
  }

  package func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    guard case .process(let target) = attempt.function.target else {
      return .noTarget(attempt.function)
    }
    if let definition = KeptFloor.Definition(attempt.function) {
      return await kept.run(attempt, definition, into: sink) { (target) throws(GatewayError) in
        try directories.resolve(target.command)
      }
    }
    let command: Command
    do throws(GatewayError) {
      // Once more: links and the gateway's options may have changed since it was registered.
      let path = try directories.resolve(target.command)
      command = Command(path: path, target, attempt, grace: grace)
    } catch {
      return .failed(.system, code: "SPAWN_FAILED", message: error.message, isFinal: true)
    }
    let organization = attempt.trigger.organization
    guard await slots.acquire(for: organization) else { return .cancelled }
    defer { slots.release(of: organization) }
    return await command.run(into: sink)
  }
}
