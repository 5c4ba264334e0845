import EventCore
import Fairness
import Synchronization

/// What the queues of all lanes together hold in memory, in bytes, shared by the organizations
/// (`Share`).
final class QueueBudget: Sendable {
  private let share: Mutex<Share<Organization>>

  init(_ limit: Int) {
    share = Mutex(Share(limit: limit))
  }

  var taken: Int { share.withLock(\.taken) }

  /// What an organization's lanes may still take; below 0 when they went over by their one invocation
  /// each.
  func room(for organization: Organization) -> Int {
    share.withLock { $0.room(for: organization) }
  }

  func take(_ bytes: Int, for organization: Organization) {
    share.withLock { $0.take(bytes, for: organization) }
  }

  func give(_ bytes: Int, from organization: Organization) {
    guard bytes > 0 else { return }
    share.withLock { $0.give(bytes, from: organization) }
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
