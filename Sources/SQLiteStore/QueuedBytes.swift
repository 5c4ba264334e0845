import EventCore

/// About what a write holds in memory while it waits: what can be large, and a flat rate for the
/// rest.
private let flatRate = 512

extension DefinitionTransaction {
  var queuedBytes: Int {
    changes.reduce(flatRate) { total, change in
      switch change {
      case .create(.event(let event)), .update(.event(let event), _):
        total + flatRate + event.data.count
      case .create, .update, .delete: total + 4 * flatRate
      }
    }
  }
}

extension TriggerPlan {
  var queuedBytes: Int {
    trigger.queuedBytes + invocations.count * MemoryLayout<Invocation>.size
      + groups.count * MemoryLayout<GroupPlan>.size
  }
}

extension Trigger {
  var queuedBytes: Int {
    metadata.reduce(flatRate + payload.data.count) {
      $0 + $1.key.utf8.count + $1.value.utf8.count
    }
  }
}

extension Invocation {
  var queuedBytes: Int {
    logs.reduce(flatRate + attempts.count * flatRate + (output?.payload.data.count ?? 0)) {
      $0 + $1.text.utf8.count
    }
  }
}
