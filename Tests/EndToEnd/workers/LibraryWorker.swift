import DispatchWorker
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// The worker of test_worker_library.py on the Swift library: library-worker ADDRESS ORGANIZATION
/// NAME FOLDER [AUTHORITIES CERTIFICATE KEY]. Its functions are those of library_worker.py.
@main
struct LibraryWorker {
  let name: String
  let folder: URL

  static func main() async throws {
    let arguments = CommandLine.arguments
    var configuration = Worker.Configuration(address: arguments[1])
    configuration.organization = arguments[2]
    configuration.name = arguments[3]
    configuration.concurrency = 4
    if arguments.count > 5 {
      configuration.tls = Worker.TLS()
      configuration.tls?.authorities = arguments[5]
      configuration.tls?.certificate = arguments[6]
      configuration.tls?.key = arguments[7]
    }
    let functions = LibraryWorker(
      name: arguments[3], folder: URL(filePath: arguments[4], directoryHint: .isDirectory))
    let worker = try Worker(
      configuration,
      functions: ["note": functions.note, "hold": functions.hold, "fail": functions.fail])
    let group = ServiceGroup(
      services: [worker], gracefulShutdownSignals: [.sigterm],
      logger: Logger(label: "library-worker"))
    try await group.run()
  }

  /// Notes its run, and takes a moment.
  @Sendable func note(_ job: Job) async throws -> FunctionOutput? {
    try append("\(job.invocationID) \(job.attempt)\n", to: "runs")
    try await Task.sleep(for: .milliseconds(20))
    return .json(#"{"by": "\#(name)"}"#)
  }

  /// Writes, waits until there is a file `gate`, and writes the rest.
  @Sendable func hold(_ job: Job) async throws -> FunctionOutput? {
    job.write("first, ")
    job.log("holding")
    try append("\(job.attempt)\n", to: "holding")
    do {
      while !FileManager.default.fileExists(atPath: folder.appending(path: "gate").path) {
        try await Task.sleep(for: .milliseconds(10))
      }
    } catch {
      try append("\(job.attempt)\n", to: "cancelled")
      throw error
    }
    job.write("second, ")
    return .text("third")
  }

  /// Asks for a second of peace at its first attempt, and refuses the payload at its second.
  @Sendable func fail(_ job: Job) async throws -> FunctionOutput? {
    if job.attempt == 1 {
      throw FunctionError(code: "BUSY", message: "not now", retryAfter: .seconds(1))
    }
    throw FunctionError(.input, code: "NO_TEA", message: "there is no tea", isFinal: true)
  }

  private func append(_ line: String, to file: String) throws {
    let path = folder.appending(path: file).path(percentEncoded: false)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    precondition(descriptor >= 0, "cannot open \(path)")
    defer { close(descriptor) }
    let written = line.withCString { write(descriptor, $0, strlen($0)) }
    precondition(written == line.utf8.count, "cannot write to \(path)")
  }
}
