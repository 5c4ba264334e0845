/// A local command: a process for each invocation, or kept ones.
package struct ProcessTarget: Hashable, Codable, Sendable {
  /// An absolute path under a directory that the gateway was started with.
  package var command = ""
  package var arguments: [String] = []
  /// Added to the gateway's variables; its own environment is not passed on.
  package var environment: [String: String] = [:]
  /// Nil: a process for each invocation.
  package var keepAlive: KeepAlive?

  package init() {}

  func check(_ check: inout FieldCheck, _ path: String) {
    check.text(command, atMost: Limits.commandArgumentBytesMax, "\(path).command")
    if !command.hasPrefix("/") { check.add("\(path).command", "must be an absolute path") }
    if arguments.count > Limits.commandArgumentsMax {
      check.add("\(path).arguments", "has more than \(Limits.commandArgumentsMax) entries")
    }
    for (index, argument) in arguments.enumerated() {
      check.size(
        argument.utf8.count, atMost: Limits.commandArgumentBytesMax, "\(path).arguments[\(index)]")
    }
    check.metadata(environment, "\(path).environment")
    for name in environment.keys where name.hasPrefix("CE_") || name.utf8.contains(0x3D) {
      check.add("\(path).environment[\(name.prefix(32))]", "must not be CE_* or contain '='")
    }
    keepAlive?.check(&check, "\(path).keep_alive")
  }
}

extension ProcessTarget {
  /// Keeps processes running that take one invocation after another.
  package struct KeepAlive: Hashable, Codable, Sendable {
    package var processesMax: Int32 = 1
    /// After that many a process is replaced; 0: never.
    package var invocationsMax: Int32 = 0
    package var idleTimeout = Duration.seconds(300)

    package init() {}

    func check(_ check: inout FieldCheck, _ path: String) {
      check.range(processesMax, 1...Limits.keptProcessesMax, "\(path).processes_max")
      check.range(invocationsMax, 0...Int32.max, "\(path).invocations_max")
      check.range(idleTimeout, Limits.keptIdleTimeout, "\(path).idle_timeout")
    }
  }
}
