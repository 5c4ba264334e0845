import JSON

/// Whether two values are equal as JSON Schema means it: numbers by value, members in any order.
/// False once `steps` are used up.
func areEqual(_ one: JSONValue, _ other: JSONValue, steps: inout Int) -> Bool {
  steps -= 1
  guard steps > 0, one.kind == other.kind, one.count == other.count else { return false }
  switch one.kind {
  case .null: return true
  case .boolean: return one.boolean == other.boolean
  case .string:
    guard one.utf8.count == other.utf8.count else { return false }
    steps -= one.utf8.count / StepCost.countedBytes
    return one.utf8.isEqual(to: other.utf8)
  case .number:
    if let first = one.int64, let second = other.int64 { return first == second }
    steps -= (one.utf8.count + other.utf8.count) / StepCost.readBytes
    return one.number! == other.number!
  case .array:
    var others = other.elements
    for element in one.elements {
      guard areEqual(element, others.next()!, steps: &steps) else { return false }
    }
    return true
  case .object:
    return areEqual(members: one, other, steps: &steps)
  }
}

/// Objects mostly have their members in the same order: a search begins after the last find.
private func areEqual(members one: JSONValue, _ other: JSONValue, steps: inout Int) -> Bool {
  var others = other.members
  for member in one.members {
    var candidate = others.next()
    var searched = 0
    while candidate.map({
      $0.name.hash != member.name.hash
        || !$0.name.utf8.isEqual(to: member.name.utf8)
    }) ?? true {
      if candidate == nil { others = other.members }
      candidate = others.next()
      searched += 1
      steps -= 1
      guard searched <= other.count + 1, steps > 0 else { return false }
    }
    guard areEqual(member.value, candidate!.value, steps: &steps) else { return false }
  }
  return true
}

/// Equal for equal values; of no meaning once there are no steps left.
func hashValue(of value: JSONValue, steps: inout Int) -> UInt32 {
  steps -= 1
  guard steps > 0 else { return 0 }
  switch value.kind {
  case .null: return 1
  case .boolean: return value.boolean == true ? 2 : 3
  case .string:
    steps -= value.utf8.count / StepCost.countedBytes
    return JSONName.hash(of: value.utf8) ^ 0x5bd1_e995
  case .number:
    if let integer = value.int64 { return mixed(UInt64(bitPattern: integer)) }
    steps -= value.utf8.count / StepCost.readBytes
    let number = ExactNumber(value.number!)
    if number.isSmall { return mixed(UInt64(bitPattern: number.integer)) }
    return mixed(UInt64(bitPattern: Int64(number.exact.hashValue)))
  case .array:
    return value.elements.reduce(7) { ($0 &* 0x0100_0193) ^ hashValue(of: $1, steps: &steps) }
  case .object:
    // The order of the members has no part in it.
    return value.members.reduce(11) { hash, member in
      hash
        &+ mixed(
          UInt64(member.name.hash) << 32 | UInt64(hashValue(of: member.value, steps: &steps)))
    }
  }
}

private func mixed(_ value: UInt64) -> UInt32 {
  let product = (value ^ (value >> 31)) &* 0x9E37_79B9_7F4A_7C15
  return UInt32(truncatingIfNeeded: product >> 32)
}
