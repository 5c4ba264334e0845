import EventCore
import Foundation
import NIOPosix
import Testing

@testable import Runtimes

struct ProcessValidationTests {
  private let directory: ScriptDirectory

  init() throws {
    directory = try ScriptDirectory()
  }

  @Test func `an executable below an allowed directory may be run`() throws {
    try FileManager.default.createDirectory(
      atPath: directory.path + "/deep/er", withIntermediateDirectories: true)
    let command = try directory.script("true", name: "deep/er/run.sh")
    #expect(throws: Never.self) { try validate(command) }
  }

  @Test func `a link is judged by where it leads`() throws {
    let inside = try directory.script("true")
    let other = try ScriptDirectory()
    let outside = try other.script("true")
    try FileManager.default.createSymbolicLink(
      atPath: directory.path + "/good", withDestinationPath: inside)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path + "/bad", withDestinationPath: outside)
    #expect(throws: Never.self) { try validate(directory.path + "/good") }
    let error = try #require(refusal(of: directory.path + "/bad"))
    #expect(error.violations.map(\.field) == ["function.process.command"])
    #expect(error.message.contains("in none of the directories allowed with --allow-process"))
    #expect(error.message.contains(directory.path))
  }

  @Test func `a path that climbs out, or only starts alike, is refused`() throws {
    let sibling = directory.path + "-other"
    try FileManager.default.createDirectory(atPath: sibling, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: sibling) }
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: sibling + "/true")
    for command in [sibling + "/true", directory.path + "/../../bin/true", "/bin/true"] {
      #expect(refusal(of: command)?.reason == .fieldInvalid)
    }
  }

  @Test func `what does not exist or is no executable file is refused`() throws {
    let plain = try directory.script("true", name: "plain", mode: 0o644)
    let missing = directory.path + "/missing"
    let folder = directory.path + "/folder"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(refusal(of: missing)?.message.hasSuffix("which does not exist") == true)
    #expect(refusal(of: folder)?.message.hasSuffix("not an executable file") == true)
    // Root may read and write everything, but executes only what somebody may.
    #expect(refusal(of: plain)?.message.hasSuffix("not an executable file") == true)
  }

  @Test func `without directories there are no process functions`() throws {
    let runtime = try ProcessRuntime(
      allowedDirectories: [], group: MultiThreadedEventLoopGroup.singleton)
    let error = #expect(throws: GatewayError.self) {
      try runtime.validate(function(try directory.script("true")))
    }
    #expect(error?.reason == .functionKindDisabled)
    #expect(error?.message.contains("--allow-process") == true)
  }

  @Test func `an allowed directory must be one`() throws {
    let file = try directory.script("true")
    for path in [file, directory.path + "/missing"] {
      let error = #expect(throws: GatewayError.self) {
        try ProcessRuntime(
          allowedDirectories: [path], group: MultiThreadedEventLoopGroup.singleton)
      }
      #expect(error?.message == "--allow-process names '\(path)', which is no directory")
    }
  }

  @Test func `a variable that no process can have is refused`() throws {
    var target = ProcessTarget()
    target.command = try directory.script("true")
    target.environment = ["1ST": "x"]
    var function = Function()
    function.target = .process(target)
    #expect(throws: GatewayError.self) { try directory.runtime().validate(function) }
  }

  @Test func `a command is checked again when it is run`() async throws {
    let command = try directory.script("true")
    try FileManager.default.removeItem(atPath: command)
    let result = try await run(command)
    #expect(result.error?.errorClass == .system && result.error?.code == "SPAWN_FAILED")
    #expect(result.error?.isFinal == true)
    #expect(result.error?.message.contains("does not exist") == true)
  }

  @Test func `a file that the system can't execute is a final error`() async throws {
    let result = try await run(try directory.file("no program", name: "data", mode: 0o755))
    #expect(result.error?.errorClass == .system && result.error?.code == "SPAWN_FAILED")
    #expect(result.error?.isFinal == true)
  }

  @Test(arguments: [
    "LD_PRELOAD", "BASH_ENV", "BASH_FUNC_echo%%", "PYTHONPATH", "PERL5OPT", "NODE_OPTIONS", "PATH",
    "IFS", "A B", "1ST", "",
  ])
  func `a variable that would change which code runs is refused`(_ name: String) throws {
    var target = ProcessTarget()
    target.environment = [name: "x"]
    let problem = try #require(ProcessEnvironment.problem(in: target))
    #expect(problem.violations.first?.field == "function.process.environment[\(name)]")
    target.environment = ["COLOR": "x", "_a1": "y"]
    #expect(ProcessEnvironment.problem(in: target) == nil)
  }

  private func function(_ command: String) -> Function {
    var target = ProcessTarget()
    target.command = command
    var function = Function()
    function.target = .process(target)
    return function
  }

  private func validate(_ command: String) throws {
    try directory.runtime().validate(function(command))
  }

  private func refusal(of command: String) -> GatewayError? {
    #expect(throws: GatewayError.self) { try validate(command) }
  }

  private func run(_ command: String) async throws -> AttemptResult {
    var target = ProcessTarget()
    target.command = command
    return await (try directory.runtime()).run(
      .sample(.process(target)), into: RecordingSink())
  }
}
