import EventCore

/// The environment of a command; nothing of the gateway's own is passed on.
///
/// - `PATH`: the system's usual directories, unless the function sets its own.
/// - what the function's target sets.
/// - `CE_SPECVERSION`, `CE_ID`, `CE_SOURCE`, …: each CloudEvents attribute in upper case.
/// - `CE_METADATA`: the trigger's metadata as a JSON object of strings (see `MetadataText`).
struct ProcessEnvironment {
  let variables: [String: String]

  init(_ target: ProcessTarget, _ attempt: AttemptRequest) {
    var variables = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
    variables.merge(target.environment) { $1 }
    for (name, value) in CloudEvent(attempt).attributes {
      variables["CE_" + name.uppercased()] = value
    }
    variables["CE_METADATA"] = MetadataText(attempt.trigger.metadata).json
    self.variables = variables
  }

  /// A variable that no process can be started with; the rest is checked with the function.
  static func problem(in target: ProcessTarget) -> GatewayError? {
    for (name, value) in target.environment {
      let field = "function.process.environment[\(name.prefix(32))]"
      if let first = name.utf8.first, (0x30...0x39).contains(first) {
        return .invalid(field, "must not start with a digit")
      }
      if value.utf8.contains(0) { return .invalid(field, "contains a NUL") }
    }
    return nil
  }
}
