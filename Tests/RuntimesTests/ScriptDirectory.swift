import EventCore
import Foundation
import NIOPosix
import Runtimes

/// A temporary directory with shell scripts to run; gone when it is.
final class ScriptDirectory: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "runtimes-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func script(_ body: String, name: String = "run.sh", mode: Int = 0o755) throws -> String {
    try file("#!/bin/sh\n" + body + "\n", name: name, mode: mode)
  }

  func file(_ text: String, name: String, mode: Int) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  /// Returns once a script has made a file, with so many lines.
  func has(_ name: String, lines: Int = 0) async {
    while true {
      let isThere = FileManager.default.fileExists(atPath: path + "/" + name)
      if isThere, lines == 0 { return }
      if isThere, let text = try? contents(name), text.count(where: { $0 == "\n" }) >= lines {
        return
      }
      await Task.yield()
    }
  }

  func contents(_ name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }

  func runtime() throws -> ProcessRuntime {
    try ProcessRuntime(
      allowedDirectories: [path], group: MultiThreadedEventLoopGroup.singleton,
      grace: .milliseconds(200))
  }

  /// Runs a script and returns what came of it.
  func run(
    _ body: String, data: [UInt8] = [], arguments: [String] = [],
    environment: [String: String] = [:], metadata: [String: String] = [:],
    into sink: RecordingSink = RecordingSink()
  ) async throws -> (result: AttemptResult, sink: RecordingSink) {
    var target = ProcessTarget()
    target.command = try script(body)
    target.arguments = arguments
    target.environment = environment
    let request = AttemptRequest.sample(.process(target), data: data, metadata: metadata)
    return (await (try runtime()).run(request, into: sink), sink)
  }
}

/// What the kernel knows of this process.
enum Kernel {
  /// Pipes and process descriptors that are open here.
  static func pipes() throws -> Int {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    return names.count { name in
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
      return link?.hasPrefix("pipe:") == true || link?.hasSuffix("[pidfd]") == true
    }
  }

  /// Children of this process, running or zombies.
  static func children() throws -> [String] {
    let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
    return tasks.flatMap { task in
      (try? String(contentsOfFile: "/proc/self/task/\(task)/children", encoding: .utf8))?
        .split(separator: " ").map(String.init) ?? []
    }
  }

  /// Returns when a process runs no longer, or the test's time is over: a signal that was sent is
  /// not yet delivered.
  static func isGone(_ pid: String) async {
    while isAlive(pid) { await Task.yield() }
  }

  /// A zombie that nobody has reaped is not alive.
  private static func isAlive(_ pid: String) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let afterName = stat.split(separator: ")").last
    else { return false }
    return afterName.split(separator: " ").first.map { !"ZX".contains($0) } ?? false
  }
}

let isThreadSanitized = dlsym(nil, "__tsan_init") != nil
