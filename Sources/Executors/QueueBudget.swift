import EventCore
import Synchronization

/// What the queues of all lanes together hold in memory, in bytes.
final class QueueBudget: Sendable {
  private let limit: Int
  private let bytes = Atomic(0)

  init(_ limit: Int) {
    self.limit = limit
  }

  var taken: Int { bytes.load(ordering: .relaxed) }

  /// What may still be taken; below 0 when the queues went over by their one invocation each.
  var room: Int { limit - taken }

  func take(_ bytes: Int) {
    self.bytes.add(bytes, ordering: .relaxed)
  }

  func give(_ bytes: Int) {
    self.bytes.subtract(bytes, ordering: .relaxed)
  }
}

extension Assignment {
  /// About what it holds in memory, in bytes.
  var weight: Int {
    1_024 + trigger.weight + (input?.payload.data.count ?? 0) + invocation.weight
  }
}

extension Trigger {
  /// Of what its client sent, in bytes.
  var weight: Int {
    metadata.reduce(payload.data.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
  }
}

extension Invocation {
  /// About what it holds in memory, in bytes.
  var weight: Int {
    let lines = logs.reduce(0) { $0 + 64 + $1.text.utf8.count }
    let errors = attempts.reduce(0) { $0 + 128 + ($1.error?.message.utf8.count ?? 0) }
    return 512 + (output?.payload.data.count ?? 0) + lines + errors
  }
}
