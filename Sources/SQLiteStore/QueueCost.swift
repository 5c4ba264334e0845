import EventCore

/// What something that waits for its thread costs, roughly.
struct QueueCost: Equatable {
  /// The work of it, in rows that are written.
  var rows = 1
  /// The memory that it holds meanwhile: what can be large, and a flat rate for the rest.
  var bytes = flatRate

  static let flatRate = 512

  static func + (left: QueueCost, right: QueueCost) -> QueueCost {
    QueueCost(rows: left.rows + right.rows, bytes: left.bytes + right.bytes)
  }

  func fits(_ limit: QueueCost) -> Bool { rows <= limit.rows && bytes <= limit.bytes }
}

extension DefinitionTransaction {
  var queueCost: QueueCost {
    let flatRate = QueueCost.flatRate
    let bytes = changes.reduce(flatRate) { total, change in
      switch change {
      case .create(.event(let event)), .update(.event(let event), _):
        total + flatRate + event.data.count
      case .create, .update, .delete: total + 4 * flatRate
      }
    }
    return QueueCost(rows: 1 + changes.count, bytes: bytes)
  }
}

extension TriggerPlan {
  var queueCost: QueueCost {
    QueueCost(
      rows: 1 + invocations.count + groups.count,
      bytes: trigger.queuedBytes + invocations.count * MemoryLayout<Invocation>.size
        + groups.count * MemoryLayout<GroupPlan>.size)
  }
}

extension Trigger {
  fileprivate var queuedBytes: Int {
    metadata.reduce(QueueCost.flatRate + payload.data.count) {
      $0 + $1.key.utf8.count + $1.value.utf8.count
    }
  }
}

extension Invocation {
  /// Of recording it: its row, its outcome and its change.
  var queueCost: QueueCost {
    let flatRate = QueueCost.flatRate
    let output = output?.payload.data.count ?? 0
    let bytes = logs.reduce(flatRate + attempts.count * flatRate + output) {
      $0 + $1.text.utf8.count
    }
    return QueueCost(rows: 3, bytes: bytes)
  }
}

extension KeyRelease {
  var queueCost: QueueCost {
    switch self {
    case .of(let keys):
      QueueCost(rows: keys.count, bytes: keys.count * MemoryLayout<(ConcurrencyKey, Int)>.size)
    case .any(let limit, _, _, let except):
      QueueCost(rows: limit, bytes: except.count * MemoryLayout<ConcurrencyKey>.size)
    }
  }
}
