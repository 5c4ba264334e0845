import JSON

extension Checker {
  mutating func checkArray(
    _ plan: Int, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let array = tables.arrays + plan
    let count = value.count
    guard count >= Int(array.pointee.countMin), count <= Int(array.pointee.countMax) else {
      return false
    }
    if array.pointee.contains != .none, !checkContains(array, value, evaluated) { return false }
    if array.pointee.isUnique, !areUnique(value) { return false }
    let rest = array.pointee.rest
    let prefix = min(count, Int(array.pointee.prefix.count))
    marks.insert(0..<(rest == .none ? prefix : count), in: evaluated)
    var elements = value.elements
    var index = 0
    while index < count, let element = elements.next() {
      let schema = index < prefix ? tables.lists[Int(array.pointee.prefix.start) + index] : rest
      if schema == .none { break }
      guard check(schema, element) else { return false }
      index += 1
    }
    return true
  }

  private mutating func checkContains(
    _ array: UnsafePointer<ArrayPlan>, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let marksThem = evaluated != .none && array.pointee.containsEvaluates
    let least = Int(array.pointee.containsMin)
    let most = Int(array.pointee.containsMax)
    var found = 0
    var index = 0
    var elements = value.elements
    while let element = elements.next() {
      if check(array.pointee.contains, element) {
        found += 1
        if found > most { return false }
        if marksThem { marks.insert(index, in: evaluated) }
        if found >= least, most == Int(Int32.max), !marksThem { break }
      }
      index += 1
    }
    return found >= least && stop == nil
  }

  // MARK: uniqueItems

  /// Compares each pair of a few elements, and those of equal hashes among many.
  mutating func areUnique(_ value: JSONValue) -> Bool { repeated(in: value) == nil && stop == nil }

  /// - Returns: the first two that are equal, the later one second.
  mutating func repeated(in value: JSONValue) -> (Int, Int)? {
    let count = value.count
    guard count > 1 else { return nil }
    return count <= 8 ? repeatedAmongFew(value) : repeatedAmongMany(value)
  }

  private mutating func repeatedAmongFew(_ value: JSONValue) -> (Int, Int)? {
    var elements = value.elements
    var index = 0
    while let element = elements.next() {
      var others = elements
      var other = index + 1
      while let candidate = others.next() {
        if areEqual(element, candidate, steps: &stepsLeft) { return (index, other) }
        guard spend(1) else { return nil }
        other += 1
      }
      index += 1
    }
    return nil
  }

  private mutating func repeatedAmongMany(_ value: JSONValue) -> (Int, Int)? {
    var capacity = 32
    while capacity < value.count * 2 { capacity *= 2 }
    guard spend(value.count) else { return nil }
    return withUnsafeTemporaryAllocation(of: SeenElement.self, capacity: capacity) { places in
      places.initialize(repeating: SeenElement())
      var index = 0
      for element in value.elements {
        let hash = hashValue(of: element, steps: &stepsLeft)
        guard spend(0) else { return nil }
        var place = Int(hash) & (capacity - 1)
        while let seen = places[place].value {
          if places[place].hash == hash, areEqual(seen, element, steps: &stepsLeft) {
            return (places[place].index, index)
          }
          guard spend(1) else { return nil }
          place = (place + 1) & (capacity - 1)
        }
        places[place] = SeenElement(value: element, hash: hash, index: index)
        index += 1
      }
      return nil
    }
  }
}

/// A place of the table by which repeated elements are found.
private struct SeenElement {
  var value: JSONValue?
  var hash: UInt32 = 0
  var index = 0
}
