import Foundation
import Synchronization

/// Rounds of the modest organization alone and beside a flood.
struct Comparison {
  let gateway: String
  /// The flood's.
  let functions: Int
  let count: Int

  func run(_ rounds: Int) async throws {
    var alone: [Probe] = []
    var flooded: [Probe] = []
    say("\na flood of \(count) triggers over \(functions) functions")
    for round in 1...rounds {
      let server = try Server(gateway)
      defer { server.stop() }
      let tenant = try await Tenant(
        "modest", at: server.port, functions: 1, try await Endpoint(group: group), group: group)
      // The first ones open connections and fill caches.
      _ = try await Probe.run(tenant, atLeast: 20) { true }
      alone.append(try await Probe.run(tenant, atLeast: 200) { true })
      let flood = try Flood(port: server.port, functions: functions, count: count)
      flooded.append(try await Probe.run(tenant, atLeast: 200) { flood.isDone })
      say(
        "round \(round): alone \(text(alone.last!)), flood \(text(flooded.last!)); "
          + flood.report)
    }
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
      let (before, during) = (median(alone, part), median(flooded, part))
      say("\(name): \(ms(before)) alone, \(ms(during)) beside the flood: \(ms(during / before))x")
    }
  }

  private func text(_ probe: Probe) -> String {
    "p50 \(ms(probe.percentile(0.5))) p99 \(ms(probe.percentile(0.99))) ms of"
      + " \(probe.latencies.count)"
  }

  private func median(_ probes: [Probe], _ part: Double) -> Double {
    let sorted = probes.map { $0.percentile(part) }.sorted()
    return sorted[sorted.count / 2]
  }

  private func ms(_ value: Double) -> String { String(format: "%.2f", value) }
}

/// The gateway's process, on a directory of its own.
final class Server {
  let port: Int
  private let process = Process()
  private let directory: String

  init(_ path: String) throws {
    directory =
      URL(fileURLWithPath: path).deletingLastPathComponent().path
      + "/fairness-\(getpid())"
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["serve", "--listen", "127.0.0.1:0", "--data", directory]
    process.standardOutput = pipe
    try process.run()
    let line = try pipe.fileHandleForReading.line()
    port = Int(line.split(separator: ":").last ?? "")!
  }

  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// The other organization's process.
final class Flood: Sendable {
  private let lines = Mutex<[String]>([])

  init(port: Int, functions: Int, count: Int) throws {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = ["flood", "\(port)", "\(functions)", "\(count)"]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    guard try output.fileHandleForReading.line() == "ready" else {
      fatalError("the flood does not begin")
    }
    input.fileHandleForWriting.write(Data("\n".utf8))
    Thread.detachNewThread { [self] in
      while let line = try? output.fileHandleForReading.line(), !line.isEmpty {
        lines.withLock { $0.append(line) }
      }
      lines.withLock { $0.append("done") }
    }
  }

  var isDone: Bool { lines.withLock { $0.contains("done") } }
  var report: String { lines.withLock { $0.filter { $0 != "done" }.joined(separator: ", ") } }
}

/// At once, whoever reads.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

extension FileHandle {
  /// Up to the next line's end, or all that is left.
  fileprivate func line() throws -> String {
    var bytes = Data()
    while let byte = try read(upToCount: 1), !byte.isEmpty, byte[0] != 0x0A { bytes += byte }
    return String(decoding: bytes, as: UTF8.self)
  }
}
