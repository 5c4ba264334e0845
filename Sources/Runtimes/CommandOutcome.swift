import EventCore
import Subprocess
import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Musl
#endif

extension TerminationStatus {
  /// What the end of a command means.
  ///
  /// | end | outcome |
  /// |---|---|
  /// | 0 | success |
  /// | 64 EX_USAGE, 65 EX_DATAERR | the function refused the payload; final |
  /// | 126, 127 | a shell could not run something; a retry may help |
  /// | every other code, so 75 EX_TEMPFAIL too | the function failed; a retry may help |
  /// | a signal | the function failed; a retry may help |
  ///
  /// The codes are those of sysexits(3), and of the POSIX shell.
  var result: AttemptResult {
    switch self {
    case .exited(0):
      AttemptResult(.succeeded)
    case .exited(let code) where code == EX_USAGE || code == EX_DATAERR:
      .failed(
        .input, code: "EXIT_\(code)",
        message: "the command exited with code \(code): it refused the payload", isFinal: true)
    case .exited(let code) where code == 126 || code == 127:
      .failed(
        .system, code: "EXIT_\(code)",
        message: "the command exited with code \(code): something in it could not be run")
    case .exited(let code):
      .failed(
        .function, code: "EXIT_\(code)", message: "the command exited with code \(code)")
    case .signaled(let signal):
      .failed(
        .function, code: "SIGNAL_\(signal)", message: "the command was ended by signal \(signal)")
    }
  }
}

extension SubprocessError {
  func result(for path: String) -> AttemptResult {
    let isPassing = underlyingError.map { Self.passing.contains($0) } ?? false
    return .spawnFailed(path, "\(self)", isFinal: !isPassing)
  }

  /// The system is short of something now; later it may not be.
  private static let passing: [Errno] = [
    .resourceTemporarilyUnavailable, .noMemory, .tooManyOpenFiles, .tooManyOpenFilesInSystem,
  ]
}

extension AttemptResult {
  static func spawnFailed(_ path: String, _ reason: String, isFinal: Bool) -> AttemptResult {
    .failed(
      .system, code: "SPAWN_FAILED", message: "'\(path)' could not be started: \(reason)",
      isFinal: isFinal)
  }
}
