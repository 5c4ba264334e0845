/// A local command: payload on stdin, CloudEvents attributes as `CE_*` variables.
package struct ProcessTarget: Hashable, Codable, Sendable {
  /// An absolute path under a directory that the gateway was started with.
  package var command = ""
  package var arguments: [String] = []
  /// Added to the `CE_*` variables; the gateway's own environment is not passed on.
  package var environment: [String: String] = [:]

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
  }
}
