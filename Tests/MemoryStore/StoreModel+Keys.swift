import EventCore

/// The unfinished invocations of one subscription and ordering key.
struct KeyQueue: Sendable {
  var unfinished = SortedSet<Position>()
  /// The one that the order does not hold.
  var front: Position?
}

struct OrderingKey: Hashable, Sendable {
  var subscription: StoreModel.Tenancy
  var key: String
}

extension StoreModel {
  /// Nil if its trigger has none.
  private func orderingKey(of position: Position) -> OrderingKey? {
    let key = records[position.commit]!.trigger.orderingKey
    return key.isEmpty ? nil : OrderingKey(subscription: subscription(of: position), key: key)
  }

  /// - Returns: whether it has to wait for another one.
  mutating func queue(_ position: Position) -> Bool {
    guard let key = orderingKey(of: position) else { return false }
    var queue = keys[key] ?? KeyQueue()
    queue.unfinished.insert(position)
    let mustWait = queue.front != nil
    if !mustWait { queue.front = position }
    keys[key] = queue
    return mustWait
  }

  /// It has finished: if it was in front, the oldest that is left comes next.
  mutating func unqueue(_ position: Position, _ consequences: inout Consequences) {
    guard let key = orderingKey(of: position), var queue = keys[key] else { return }
    queue.unfinished.remove(position)
    guard let next = queue.unfinished.first else {
      keys[key] = nil
      return
    }
    let wasFront = queue.front == position
    if wasFront { queue.front = next }
    keys[key] = queue
    if wasFront { release(next, from: .order, &consequences) }
  }

  /// Takes a hold away, which is no change that anyone is told of.
  mutating func release(
    _ position: Position, from hold: Invocation.Holds, _ consequences: inout Consequences
  ) {
    var next = self[position]
    next.holds.remove(hold)
    write(next, at: position, nil)
    noteRunnable(position, &consequences)
  }

  func noteRunnable(_ position: Position, _ consequences: inout Consequences) {
    if isRunnable(position) { consequences.lanes.insert(lane(of: position)) }
  }
}
