import EventCore

/// The environment of a command; nothing of the gateway's own is passed on.
///
/// - `PATH`: the system's usual directories.
/// - what the function's target sets.
///
/// Of a command that is run for one attempt, also:
///
/// - `CE_SPECVERSION`, `CE_ID`, `CE_SOURCE`, …: each CloudEvents attribute in upper case, extensions too.
/// - `CE_METADATA`: all of the trigger's metadata as a JSON object of strings (see `MetadataText`).
struct ProcessEnvironment {
  private(set) var variables = ["PATH": "/usr/local/bin:/usr/bin:/bin"]

  init(_ target: ProcessTarget) {
    variables.merge(target.environment) { $1 }
  }

  init(_ target: ProcessTarget, _ attempt: AttemptRequest) {
    self.init(target)
    for (name, value) in CloudEvent(attempt).attributes {
      variables["CE_" + name.uppercased()] = value
    }
    variables["CE_METADATA"] = MetadataText(attempt.trigger.metadata).json
  }

  /// A variable that no process can be started with, or one that would make a command run other
  /// code than its own: the loader's and the interpreters'. A command of a kind of its own may read
  /// others still; which commands lie in the allowed directories is the operator's choice.
  static func problem(in target: ProcessTarget) -> GatewayError? {
    for (name, value) in target.environment {
      let field = "function.process.environment[\(name.prefix(32))]"
      guard isName(name) else {
        return .invalid(field, "must be letters, digits and '_', and not start with a digit")
      }
      if isInterpreted(name) {
        return .invalid(field, "would change which code the command runs")
      }
      if value.utf8.contains(0) { return .invalid(field, "contains a NUL") }
    }
    return nil
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }

  private static func isInterpreted(_ name: String) -> Bool {
    interpreted.contains(name) || interpretedPrefixes.contains(where: name.hasPrefix)
  }

  private static let interpretedPrefixes = [
    "LD_", "BASH_", "PYTHON", "PERL", "RUBY", "NODE_", "GCONV_", "GLIBC_", "GIT_",
  ]
  private static let interpreted: Set<String> = [
    "PATH", "ENV", "IFS", "PS4", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "CDPATH", "GEM_PATH",
    "GEM_HOME", "CLASSPATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "LUA_INIT",
    "LUA_PATH", "LUA_CPATH", "PHPRC", "PHP_INI_SCAN_DIR", "ZDOTDIR", "FPATH", "LOCPATH", "NLSPATH",
  ]
}
