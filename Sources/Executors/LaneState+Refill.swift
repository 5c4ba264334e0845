import EventCore

/// Reading the store.
extension LaneState {
  /// A refill that was not answered yet.
  struct Reading {
    let order: DueOrder
    /// What `LanePriorities.beginRead` returned.
    let unread: Int32?
    /// What was ended since it began.
    var ended: Set<InvocationID> = []
  }

  mutating func refill(_ order: DueOrder) -> Action? {
    var limit = queueMax
    switch order {
    case .age: limit = 1
    case .priority(above: nil):
      if queue.isCrowded { return queue.holdBackHalf().map { .sort($0) } }
      limit = queue.room
    case .priority: break
    }
    reading = Reading(order: order, unread: priorities.beginRead())
    return .refill(order, limit: limit, without: queue.allIDs.union(running.keys))
  }

  /// - Parameter room: bytes that may be queued; the first assignment is queued in any case.
  /// - Returns: the weight that is queued now and was not before.
  mutating func refilled(_ work: DueWork, limit: Int, room: Int) -> Int {
    guard let reading = reading.take(), !isStopped else { return 0 }
    noteDue(work.nextDueTime)
    let isFull = work.assignments.count >= limit
    priorities.didRead(
      reading.order, reading.unread,
      rest: isFull ? work.assignments.last?.invocation.priority : nil)
    var taken: [Assignment] = []
    var (room, isOver) = (room, false)
    for assignment in work.assignments where !isKnown(assignment.invocation.id) {
      priorities.see(assignment.invocation.priority)
      isOver = isOver || (!taken.isEmpty && assignment.weight > room)
      if isOver || reading.ended.contains(assignment.invocation.id) {
        priorities.leave(assignment.invocation.priority)
        continue
      }
      room -= assignment.weight
      taken.append(assignment)
      horizon = max(horizon, assignment.trigger.triggerID)
    }
    queue.append(
      taken, isAll: !isFull && !isOver && reading.order == .priority(above: nil))
    let weight = taken.reduce(0) { $0 + $1.weight }
    // What was read for its age would be dropped first.
    return reading.order == .age ? weight : weight - dropOverflow()
  }

  mutating func refillFailed(retryAt time: Timestamp) {
    reading = nil
    noteDue(time)
  }

  /// - Returns: the weight of what is not queued any more; it stays in the store.
  mutating func dropOverflow() -> Int {
    var weight = 0
    for dropped in queue.dropOverflow() {
      priorities.leave(dropped.invocation.priority)
      weight += dropped.weight
    }
    return weight
  }
}
