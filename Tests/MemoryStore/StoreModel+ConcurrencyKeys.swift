package import EventCore

extension StoreModel {
  package mutating func hold(_ keys: [InvocationID: ConcurrencyKey], in lane: Lane) {
    for (id, key) in keys {
      guard let position = position(of: id, in: lane.organization),
        !self[position].state.isTerminal
      else { continue }
      var next = self[position]
      if next.holds.remove(.key) != nil { write(next, at: position, nil) }
      records[position.commit]!.keys[position.ordinal] = key
      next.holds.insert(.key)
      write(next, at: position, nil)
    }
  }

  package mutating func release(_ release: KeyRelease, in lane: Lane) -> KeyReleased {
    var released = KeyReleased()
    switch release {
    case .of(let keys):
      for (key, count) in keys { self.release(count, of: key, in: lane, &released) }
    case .any(let limit, let each, let after, let except):
      let all = keyed[lane, default: [:]].keys.sorted()
      released.last = after
      let later = all.filter { key in after.map { key > $0 } ?? true }
      for key in later + all.prefix(all.count - later.count) {
        if released.count >= limit { return released }
        let count = except.contains(key) ? 0 : min(each, limit - released.count)
        self.release(count, of: key, in: lane, &released)
        released.last = key
      }
      released.isComplete = true
    }
    return released
  }

  private mutating func release(
    _ count: Int, of key: ConcurrencyKey, in lane: Lane, _ released: inout KeyReleased
  ) {
    var left = count
    while left > 0, let first = keyed[lane]?[key]?.first {
      var next = self[first.position]
      next.holds.remove(.key)
      write(next, at: first.position, nil)
      guard next.isRunnable else { continue }
      left -= 1
      released.count += 1
    }
    if keyed[lane]?[key] != nil { released.stillHeld.insert(key) }
  }

  package func lanesWithHeldKeys() -> [Lane] {
    keyed.keys.sorted {
      ($0.organization.name, $0.functionID) < ($1.organization.name, $1.functionID)
    }
  }
}
