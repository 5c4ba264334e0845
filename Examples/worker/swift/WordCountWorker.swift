import DispatchWorker
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// A worker with one function, `count-words`: word-count-worker ADDRESS [ORGANIZATION [NAME]]
@main
struct WordCountWorker {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst() + []
    var configuration = Worker.Configuration(address: arguments.first ?? "127.0.0.1:7070")
    if arguments.count > 1 { configuration.organization = arguments[1] }
    if arguments.count > 2 { configuration.name = arguments[2] }
    let worker = try Worker(configuration, functions: ["count-words": countWords])
    let logger = Logger(label: "word-count-worker")
    let group = ServiceGroup(
      services: [worker], gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()
  }

  @Sendable static func countWords(in job: Job) async throws -> FunctionOutput? {
    struct Payload: Decodable { var text: String }
    guard let payload = try? JSONDecoder().decode(Payload.self, from: Data(job.data)) else {
      throw FunctionError(
        .input, code: "NO_TEXT", message: "there is no text to count the words of", isFinal: true)
    }
    let words = payload.text.lowercased().split(separator: /\s+/)
    let counts = Dictionary(grouping: words, by: String.init).mapValues(\.count)
    job.log("\(counts.count) different words")
    let json = try JSONEncoder().encode(counts)
    return FunctionOutput(Array(json), dataType: "application/json")
  }
}
