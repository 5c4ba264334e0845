import EventCore

@testable import Executors

/// The store of a `LaneSimulation`: one lane's invocations, by numbers.
struct LaneStore {
  struct Stored {
    let number: Int
    var priority: Int32 = 0
    var isFinished = false
    var hasSucceeded = false
    var isHeld = false
    /// For which it is held.
    var key: ConcurrencyKey?
    var dueTime: Timestamp

    var isOpen: Bool { !isFinished && !isHeld && key == nil }
    var order: (Timestamp, Int) { (dueTime, number) }
  }

  private(set) var stored: [InvocationID: Stored] = [:]

  var unfinished: Int { stored.values.count { !$0.isFinished } }
  var holdsKeys: Bool { stored.values.contains { $0.key != nil } }

  subscript(id: InvocationID) -> Stored {
    get { stored[id]! }
    set { stored[id] = newValue }
  }

  mutating func accept(_ id: InvocationID, _ entry: Stored) { stored[id] = entry }

  mutating func cancel(_ id: InvocationID) {
    stored[id]!.isFinished = true
    stored[id]!.isHeld = false
    stored[id]!.key = nil
  }

  func due(
    at now: Timestamp, limit: Int, without known: Set<InvocationID>, _ order: DueOrder
  ) -> DueWork {
    let open = stored.filter { _, entry in
      if case .priority(let above?) = order, entry.priority <= above { return false }
      return entry.isOpen
    }
    var due = open.filter { $0.value.dueTime <= now && !known.contains($0.key) }
      .values.sorted { $0.order < $1.order }
    if order != .age {
      due.sort { ($1.priority, $0.dueTime, $0.number) < ($0.priority, $1.dueTime, $1.number) }
    }
    return DueWork(
      assignments: due.prefix(limit).map { assignment($0.number, priority: $0.priority) },
      nextDueTime: open.values.map(\.dueTime).filter { $0 > now }.min())
  }

  mutating func hold(_ assignments: [Assignment]) {
    for assignment in assignments where !stored[assignment.invocation.id]!.isFinished {
      stored[assignment.invocation.id]!.key = assignment.key
    }
  }

  mutating func release(_ release: KeyRelease) -> KeyReleased {
    var released = KeyReleased()
    switch release {
    case .of(let keys):
      for (key, count) in keys { free(count, of: key, &released) }
    case .any(let limit, let each, _, let except):
      for key in Set(stored.values.compactMap(\.key)).sorted() {
        if released.count >= limit { return released }
        free(except.contains(key) ? 0 : min(each, limit - released.count), of: key, &released)
      }
      released.isComplete = true
    }
    return released
  }

  private mutating func free(
    _ count: Int, of key: ConcurrencyKey, _ released: inout KeyReleased
  ) {
    let held = stored.filter { $0.value.key == key }.sorted { $0.value.order < $1.value.order }
    for (id, entry) in held.prefix(count) {
      stored[id]!.key = nil
      if !entry.isHeld { released.count += 1 }
    }
    if held.count > count { released.stillHeld.insert(key) }
  }
}
