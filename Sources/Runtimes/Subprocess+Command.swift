import EventCore
import Subprocess
import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension Configuration {
  /// How every command is run: in the directory that it lies in, with these variables and no others,
  /// in a session of its own, whose processes all get SIGTERM and then SIGKILL when the task that
  /// runs it is cancelled.
  ///
  /// - Parameter path: the real path of the target's command.
  init(
    _ target: ProcessTarget, at path: String, variables: [String: String], grace: Duration
  ) {
    var options = PlatformOptions()
    // A session is a process group too, and has no terminal to stop it.
    options.createSession = true
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)
    ]
    self.init(
      executable: .path(FilePath(path)),
      arguments: Arguments(
        executablePathOverride: target.command, remainingValues: target.arguments),
      environment: .custom(
        Dictionary(
          uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
      workingDirectory: FilePath(path).removingLastComponent(), platformOptions: options)
  }
}

extension Execution {
  /// Returns when the process has exited, before it is reaped; kills it after `time`.
  ///
  /// Signal 0 is none: this uses the wait of the library's teardown.
  func exited(within time: Duration) async {
    await teardown(using: [.send(signal: Signal(rawValue: 0), allowedDurationToNextStep: time)])
  }

  /// Kills what is left of the process group.
  ///
  /// - Precondition: the process is not reaped: its group's id can't be another's until then.
  func killGroup() {
    kill(-processIdentifier.value, SIGKILL)
  }
}
