import EventCore
import Subprocess
import SystemPackage

extension TerminationStatus {
  /// What the end of a command means.
  var result: AttemptResult {
    switch self {
    case .exited(0):
      AttemptResult(.succeeded)
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
