package import EventCore

/// Finished triggers, by when they may go.
struct RetentionModel: Sendable {
  /// What is kept for the same time.
  struct Class: Hashable, Comparable, Sendable {
    var event: StoreModel.Tenancy
    var hasDeadLetter: Bool

    static func < (left: Class, right: Class) -> Bool {
      left.event == right.event ? right.hasDeadLetter : left.event < right.event
    }
  }

  /// By when they finished; the position's ordinal is 0.
  var classes: [Class: SortedSet<Appointment>] = [:]
  /// Those with a request id, by the end of its window; they come into their class then.
  var requested = SortedSet<Appointment>()
}

extension StoreModel {
  mutating func retire(_ commit: Int64, at now: Timestamp) {
    records[commit]!.finishTime = now
    let trigger = records[commit]!.trigger
    if trigger.requestID.isEmpty {
      insert(commit)
    } else {
      retention.requested.insert(windowEnd(of: trigger, commit))
    }
  }

  mutating func unretire(_ commit: Int64) {
    guard let time = records[commit]!.finishTime else { return }
    retention.requested.remove(windowEnd(of: records[commit]!.trigger, commit))
    // Its class may be another by now.
    for hasDeadLetter in [false, true] {
      var kind = retentionClass(of: commit)
      kind.hasDeadLetter = hasDeadLetter
      retention.classes[kind]?.remove(Self.appointment(commit, time))
      if retention.classes[kind]?.isEmpty == true { retention.classes[kind] = nil }
    }
    records[commit]!.finishTime = nil
  }

  package mutating func prune(at now: Timestamp, limit: Int) -> Upkeep {
    while let next = retention.requested.first, next.time <= now {
      retention.requested.remove(next)
      insert(next.position.commit)
    }
    var upkeep = Upkeep()
    var times = [retention.requested.first?.time]
    for (kind, finished) in retention.classes.sorted(by: { $0.key < $1.key }) {
      let kept = retentionTime(of: kind)
      for next in finished.ascending() {
        guard upkeep.count < limit, next.time + kept <= now else { break }
        remove(next.position.commit)
        upkeep.count += 1
      }
      times.append(retention.classes[kind]?.first.map { $0.time + kept })
    }
    forgetChanges(until: now, limit: limit)
    times.append(log.first.map { $0.time + limits.changesWindow })
    upkeep.next = times.compactMap(\.self).min()
    return upkeep
  }

  private mutating func remove(_ commit: Int64) {
    unretire(commit)
    let trigger = records[commit]!.trigger
    records[commit] = nil
    commits[trigger.triggerID] = nil
    if !trigger.requestID.isEmpty { requests[request(of: trigger)] = nil }
    for list in Self.lists(of: trigger) {
      lists[list]?.remove(commit)
      if lists[list]?.isEmpty == true { lists[list] = nil }
    }
  }

  private mutating func insert(_ commit: Int64) {
    let time = records[commit]!.finishTime!
    retention.classes[retentionClass(of: commit), default: SortedSet()].insert(
      Self.appointment(commit, time))
  }

  private func retentionClass(of commit: Int64) -> RetentionModel.Class {
    let record = records[commit]!
    let event = Tenancy(organization: record.trigger.organization, name: record.trigger.event)
    return RetentionModel.Class(event: event, hasDeadLetter: record.hasDeadLetter)
  }

  private func retentionTime(of kind: RetentionModel.Class) -> Duration {
    let key = Definition.Key(.event, kind.event.name)
    var event = Event()
    if case .event(let found)? = definitions.definition(key, in: kind.event.organization) {
      event = found
    }
    return kind.hasDeadLetter ? event.deadLetterRetention : event.retention
  }

  private func windowEnd(of trigger: Trigger, _ commit: Int64) -> Appointment {
    Self.appointment(commit, (trigger.replayTime ?? trigger.receivedAt) + limits.requestIDWindow)
  }

  private static func appointment(_ commit: Int64, _ time: Timestamp) -> Appointment {
    Appointment(time: time, position: Position(commit: commit, ordinal: 0))
  }
}
