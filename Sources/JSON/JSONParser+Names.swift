/// No two members of an object may have the same name: RFC 8259 leaves open what they would mean.
extension JSONParser {
  /// - Returns: the later of two names that are equal.
  @inline(__always)
  func repeatedName(of object: Int) -> JSONNode? {
    let total = Int(memory.nodes[object].length)
    if total < 2 { return nil }
    return total <= JSONLimits.membersComparedMax
      ? repeatedAmongFew(object, total) : repeatedAmongMany(object, total)
  }

  @inline(__always)
  private func next(after name: Int) -> Int { name &+ 1 &+ Int(memory.nodes[name &+ 1].span) }

  /// A set of 64 bits tells nearly always that a hash is new; if not, those before it do.
  private func repeatedAmongFew(_ object: Int, _ total: Int) -> JSONNode? {
    var seen: UInt64 = 0
    var name = object + 1
    for index in 0..<total {
      let hash = memory.nodes[name].span
      let bit: UInt64 = 1 << UInt64(hash >> 26)
      if seen & bit != 0, isAmong(first: index, of: object, hash) {
        return repeatedAmongSorted(object, total)
      }
      seen |= bit
      name = next(after: name)
    }
    return nil
  }

  private func isAmong(first count: Int, of object: Int, _ hash: UInt32) -> Bool {
    var name = object + 1
    for _ in 0..<count {
      if memory.nodes[name].span == hash { return true }
      name = next(after: name)
    }
    return false
  }

  /// Puts the hashes into a table that is at most half full.
  private func repeatedAmongMany(_ object: Int, _ total: Int) -> JSONNode? {
    let capacity = 1 << (Int.bitWidth - (total * 2 - 1).leadingZeroBitCount)
    let isDistinct = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity) { places in
      places.initialize(repeating: 0)
      var probesLeft = total * JSONLimits.probesMax
      var name = object + 1
      for _ in 0..<total {
        let hash = memory.nodes[name].span
        var place = Int(hash) & (capacity - 1)
        while places[place] != 0 {
          probesLeft -= 1
          if places[place] == hash || probesLeft < 0 { return false }
          place = (place + 1) & (capacity - 1)
        }
        // Two names whose hash is 0 don't see each other here.
        if hash == 0 { return false }
        places[place] = hash
        name = next(after: name)
      }
      return true
    }
    return isDistinct ? nil : repeatedAmongSorted(object, total)
  }

  /// Sorts the names, by their bytes too: no set of names takes longer than another.
  private func repeatedAmongSorted(_ object: Int, _ total: Int) -> JSONNode? {
    var members = JSONValue(
      node: UnsafePointer(memory.nodes + object), text: UnsafePointer(memory.text)
    ).members.map(\.name)
    members.sort { $0.precedes($1) }
    var repeated: JSONNode?
    for (one, other) in zip(members, members.dropFirst()) where one.isEqual(to: other) {
      let node = one.node < other.node ? other.node.pointee : one.node.pointee
      if node.offset < repeated?.offset ?? .max { repeated = node }
    }
    return repeated
  }
}
