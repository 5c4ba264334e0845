package import EventCore

extension StoreModel {
  package mutating func park(_ id: InvocationID, in organization: Organization) -> Bool {
    guard let position = position(of: id, in: organization), !self[position].state.isTerminal,
      isPaused(subscription(of: position))
    else { return false }
    var next = self[position]
    next.holds.insert(.pause)
    write(next, at: position, nil)
    return true
  }

  package mutating func unpark(limit: Int) -> Upkeep {
    var upkeep = Upkeep()
    let released = parked.keys.filter { !isPaused($0) }.sorted()
    for subscription in released {
      for position in parked[subscription, default: SortedSet()].ascending() {
        guard upkeep.count < limit else { break }
        var consequences = Consequences(in: subscription.organization)
        release(position, from: .pause, &consequences)
        upkeep.consequences.append(consequences)
        upkeep.count += 1
      }
      // There is more, and it need not wait for anything.
      if parked[subscription] != nil { upkeep.next = Timestamp(nanoseconds: .min) }
    }
    return upkeep
  }

  private func isPaused(_ subscription: Tenancy) -> Bool {
    let key = Definition.Key(.subscription, subscription.name)
    guard
      case .subscription(let found)? = definitions.definition(key, in: subscription.organization)
    else { return false }
    return found.isPaused
  }
}
