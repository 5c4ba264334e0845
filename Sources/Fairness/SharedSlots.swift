/// Slots that several share (`Share`), and the line of those who wait for one (`TurnQueue`).
package struct SharedSlots<Owner: Hashable & Sendable, Waiter> {
  private var share: Share<Owner>
  private var line = TurnQueue<Owner, Waiter>()

  package init(_ count: Int) {
    precondition(count > 0, "slots that nobody could ever have")
    share = Share(limit: count)
  }

  package var waitingCount: Int { line.count }

  /// - Returns: whether there is a slot now; if not, `waiter` waits for one.
  package mutating func take(for owner: Owner, or waiter: Waiter) -> Bool {
    guard share.room(for: owner) > 0 else {
      line.append(waiter, of: owner)
      return false
    }
    share.take(1, for: owner)
    return true
  }

  /// One gives its slot back.
  ///
  /// - Returns: those that have one now.
  package mutating func give(from owner: Owner) -> [Waiter] {
    share.give(1, from: owner)
    var next: [Waiter] = []
    while let (owner, waiter) = line.popFirst(where: { [share] in share.room(for: $0) > 0 }) {
      share.take(1, for: owner)
      next.append(waiter)
    }
    return next
  }

  /// Takes one that waits out of the line; nil if it has its slot already.
  package mutating func remove(
    of owner: Owner, where isMeant: (Waiter) -> Bool
  ) -> Waiter? {
    line.remove(of: owner, where: isMeant)
  }
}

extension SharedSlots: Sendable where Waiter: Sendable {}
