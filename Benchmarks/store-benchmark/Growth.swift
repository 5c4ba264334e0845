import EventCore
import Foundation
import Logging
import SQLiteStore

/// Whether a trigger costs more when the store holds more: the same work on a store that holds little
/// and on one that holds much of something, in turns, by the process's CPU time.
struct Growth {
  enum Kind: String, CaseIterable {
    /// Triggers whose invocations have finished.
    case finished = "finished invocations"
    /// Invocations that wait for the time of their next attempt, of the function that is measured.
    case retries = "waiting retries"
    /// Ordering keys that are blocked: each has one that waits for a retry, and one behind it.
    case keys = "blocked ordering keys"
  }

  var kind: Kind
  var little: Int
  var much: Int
  var rounds = 9
  var triggersPerRound = 16_384

  /// - Returns: a line of the table.
  func run(in directory: String) async throws -> String {
    let silent = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    var costs: [[Double]] = [[], []]
    var stores: [SQLiteStore] = []
    for count in [little, much] {
      let store = try SQLiteStore.open(directory: "\(directory)/\(count)", logger: silent)
      try await Filling(kind: kind, store: store).fill(count)
      stores.append(store)
    }
    for round in 0...rounds {
      for (index, store) in stores.enumerated() {
        let cost = try await microseconds(on: store)
        // The first round warms both up.
        if round > 0 { costs[index].append(cost) }
      }
    }
    for store in stores { await store.close() }
    let medians = costs.map { $0.sorted()[rounds / 2] }
    let ratio = medians[1] / medians[0]
    return String(
      format: "| %@ | %d: %.1f us | %d: %.1f us | %.2f |", kind.rawValue, little, medians[0], much,
      medians[1], ratio)
  }

  /// CPU time of the whole process for a trigger: accepted, read as due, recorded.
  private func microseconds(on store: SQLiteStore) async throws -> Double {
    let before = Self.cpuSeconds
    for _ in 0..<(triggersPerRound / Self.batch) {
      try await Self.concurrently(0..<Self.batch) { index in
        var trigger = Trigger.sample
        if kind == .keys { trigger.orderingKey = "live-\(index)" }
        _ = try await store.accept(.sample(trigger))
      }
      let work = try await store.due(
        .sample, at: .now(), limit: Self.batch, without: [], .priority(above: nil))
      try await Self.concurrently(0..<work.assignments.count) { index in
        let finished = work.assignments[index].invocation.finished
        _ = try await store.record(finished, in: .default, deadLetter: nil) { _ in nil }
      }
    }
    return (Self.cpuSeconds - before) / Double(triggersPerRound) * 1e6
  }

  private static let batch = 256

  fileprivate static func concurrently(
    _ range: Range<Int>, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup { group in
      for index in range { group.addTask { try await body(index) } }
      try await group.waitForAll()
    }
  }

  private static var cpuSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Fills a store with what `Growth` wants to find there, through the store's own front door.
private struct Filling {
  let kind: Growth.Kind
  let store: SQLiteStore

  func fill(_ count: Int) async throws {
    for start in stride(from: 0, to: count, by: Self.batch) {
      try await Growth.concurrently(start..<min(count, start + Self.batch)) { number in
        try await add(number)
      }
    }
  }

  private static let batch = 2_048

  private func add(_ number: Int) async throws {
    var trigger = Trigger.sample
    if kind == .keys { trigger.orderingKey = "blocked-\(number)" }
    let plan = TriggerPlan.sample(trigger)
    _ = try await store.accept(plan)
    let invocation = plan.invocations[0]
    let next = kind == .finished ? invocation.finished : invocation.retrying
    _ = try await store.record(next, in: .default, deadLetter: nil) { _ in nil }
    guard kind == .keys else { return }
    var follower = Trigger.sample
    follower.orderingKey = trigger.orderingKey
    _ = try await store.accept(.sample(follower))
  }
}
