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
      let trigger = Trigger.sample
      let invocation = trigger.sampleInvocation
      var plan = TriggerPlan(trigger)
      plan.invocations = [invocation]
      _ = try await store.accept(plan)
      latencies.append(clock.now - start)
      if isRecording {
        _ = try await store.record(invocation.finished, deadLetter: nil) { _ in nil }
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

extension Trigger {
  fileprivate static var sample: Trigger {
    var trigger = Trigger()
    trigger.receivedAt = .now()
    trigger.triggerID = UniqueID(at: trigger.receivedAt)
    trigger.event = "order.created"
    trigger.payload = Payload(data: Trigger.spaces, dataType: "application/json")
    trigger.eventRevision = 1
    return trigger
  }

  private static let spaces = [UInt8](repeating: 0x20, count: 200)

  fileprivate var sampleInvocation: Invocation {
    var invocation = Invocation()
    invocation.id = InvocationID(triggerID: triggerID, ordinal: 0)
    invocation.functionID = "bill"
    invocation.subscriptionID = "billing"
    return invocation
  }
}

extension Invocation {
  fileprivate var finished: Invocation {
    var finished = self
    var attempt = Attempt()
    attempt.number = 1
    attempt.startTime = .now()
    attempt.endTime = .now()
    finished.attempts = [attempt]
    finished.state = .succeeded
    return finished
  }
}
