import EventCore
import Foundation
import Logging
import SQLiteStore

/// A number of tasks that accept triggers as fast as they can, each waiting for its own.
struct Load {
  var concurrency: Int
  /// Whether each trigger's invocation is also finished, in a write of its own.
  var isRecording: Bool
  var seconds: Double

  /// - Returns: a line for a person.
  func run(in directory: String) async throws -> String {
    let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    let store = try SQLiteStore.open(directory: directory, logger: silent)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let latencies = try await withThrowingTaskGroup { group in
      for _ in 0..<concurrency {
        group.addTask { try await work(on: store, until: end, clock) }
      }
      return try await group.reduce(into: [Duration]()) { $0 += $1 }
    }
    let elapsed = (clock.now - start) / .seconds(1)
    let transactions = store.committedTransactions
    await store.close()
    return try line(latencies.sorted(), elapsed, transactions, directory)
  }

  private func work(
    on store: SQLiteStore, until end: ContinuousClock.Instant, _ clock: ContinuousClock
  ) async throws -> [Duration] {
    var latencies: [Duration] = []
    while clock.now < end {
      let start = clock.now
      let plan = TriggerPlan.sample()
      _ = try await store.accept(plan)
      latencies.append(clock.now - start)
      guard isRecording else { continue }
      _ = try await store.record(plan.invocations[0].finished, in: .default, deadLetter: nil) { _ in
        nil
      }
    }
    return latencies
  }

  private func line(
    _ sorted: [Duration], _ elapsed: Double, _ transactions: Int, _ directory: String
  ) throws -> String {
    let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/gateway.db")
    let bytes = (attributes[.size] as? Int ?? 0) / max(1, sorted.count)
    let name = isRecording ? "accept + record" : "accept"
    return
      "\(concurrency) tasks, \(name): \(Int(Double(sorted.count) / elapsed)) triggers/s, "
      + "\(sorted.count / max(1, transactions)) triggers per fsync, accept p50 "
      + "\(milliseconds(sorted[sorted.count / 2])) p99 "
      + "\(milliseconds(sorted[sorted.count * 99 / 100])) ms, \(bytes) bytes on disk each"
  }

  private func milliseconds(_ duration: Duration) -> String {
    String(format: "%.2f", duration / .milliseconds(1))
  }
}
