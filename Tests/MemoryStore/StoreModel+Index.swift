import EventCore

extension StoreModel {
  /// Puts an invocation in its place, and in every index that it belongs to now.
  ///
  /// - Parameter now: nil if it neither finishes nor is taken up again by that.
  mutating func write(_ next: Invocation, at position: Position, _ now: Timestamp?) {
    let old = self[position]
    unindex(old, position)
    records[position.commit]!.invocations[position.ordinal] = next
    index(next, position)
    guard old.state.isTerminal != next.state.isTerminal, let now else { return }
    let step = next.state.isTerminal ? -1 : 1
    count(step, lane(of: position))
    records[position.commit]!.unfinished += step
    if records[position.commit]!.unfinished == 0 {
      retire(position.commit, at: now)
    } else {
      unretire(position.commit)
    }
  }

  /// To be called for each invocation of a trigger that was just added.
  mutating func enter(_ position: Position) {
    index(self[position], position)
    if !self[position].state.isTerminal { count(1, lane(of: position)) }
  }

  func isRunnable(_ position: Position) -> Bool { self[position].isRunnable }

  private mutating func count(_ step: Int, _ lane: Lane) {
    unfinished += step
    let count = backlog[lane, default: 0] + step
    backlog[lane] = count == 0 ? nil : count
  }

  private mutating func index(_ invocation: Invocation, _ position: Position) {
    guard !invocation.state.isTerminal else { return }
    if invocation.isRunnable {
      let (lane, appointment) = (lane(of: position), appointment(of: position))
      lanes[lane, default: [:]][invocation.priority, default: SortedSet()].insert(appointment)
    }
    if invocation.holds.contains(.pause) {
      parked[subscription(of: position), default: SortedSet()].insert(position)
    }
    if invocation.holds.contains(.key) {
      changeKeyed(position) { $0.insert($1) }
    }
  }

  private mutating func unindex(_ invocation: Invocation, _ position: Position) {
    guard !invocation.state.isTerminal else { return }
    if invocation.isRunnable {
      let (lane, appointment) = (lane(of: position), appointment(of: position))
      lanes[lane]?[invocation.priority]?.remove(appointment)
      if lanes[lane]?[invocation.priority]?.isEmpty == true {
        lanes[lane]?[invocation.priority] = nil
      }
      if lanes[lane]?.isEmpty == true { lanes[lane] = nil }
    }
    if invocation.holds.contains(.pause) {
      let subscription = subscription(of: position)
      parked[subscription]?.remove(position)
      if parked[subscription]?.isEmpty == true { parked[subscription] = nil }
    }
    if invocation.holds.contains(.key) {
      changeKeyed(position) { $0.remove($1) }
    }
  }

  private mutating func changeKeyed(
    _ position: Position, _ body: (inout SortedSet<Appointment>, Appointment) -> Void
  ) {
    let (lane, key) = (lane(of: position), records[position.commit]!.keys[position.ordinal]!)
    var line = keyed[lane]?[key] ?? SortedSet()
    body(&line, appointment(of: position))
    keyed[lane, default: [:]][key] = line.isEmpty ? nil : line
    if keyed[lane]?.isEmpty == true { keyed[lane] = nil }
  }

  func appointment(of position: Position) -> Appointment {
    Appointment(
      time: records[position.commit]!.dueTime(of: position.ordinal), position: position)
  }

  func subscription(of position: Position) -> Tenancy {
    Tenancy(organization: organization(of: position), name: self[position].subscriptionID)
  }
}

extension Invocation {
  var isRunnable: Bool { !state.isTerminal && holds.isEmpty }

  /// As lists and consequences have it.
  var withoutResults: Invocation {
    var bare = self
    bare.output = nil
    bare.logs = []
    return bare
  }
}
