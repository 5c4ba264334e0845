import JSON

extension Checker {
  /// Goes once through the members, and looks each up in the schema's table.
  mutating func checkObject(
    _ plan: Int, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    let object = tables.objects + plan
    let count = value.count
    guard count >= Int(object.pointee.countMin), count <= Int(object.pointee.countMax),
      // No name is there twice.
      count >= Int(object.pointee.requiredCount)
    else { return false }
    guard spend(count) else { return false }
    let needsNames = object.pointee.patterns.count > 0 || object.pointee.names != .none
    var required = object.pointee.requiredCount
    var index = 0
    var members = value.members
    while let member = members.next() {
      var isEvaluated = false
      if let slot = find(member.name, in: object.pointee.table) {
        if slot.pointee.isRequired { required -= 1 }
        if slot.pointee.schema != .none {
          isEvaluated = true
          guard check(slot.pointee.schema, member.value) else { return false }
        }
      }
      if needsNames {
        guard checkNamed(member, object, &isEvaluated) else { return false }
      }
      if !isEvaluated, object.pointee.additional != .none {
        isEvaluated = true
        guard check(object.pointee.additional, member.value) else { return false }
      }
      if isEvaluated { marks.insert(index, in: evaluated) }
      index += 1
    }
    guard required == 0 else { return false }
    return object.pointee.dependencies.isEmpty
      || checkDependencies(object.pointee.dependencies, value, evaluated)
  }

  /// `patternProperties` and `propertyNames`.
  private mutating func checkNamed(
    _ member: JSONValue.Member, _ object: UnsafePointer<ObjectPlan>, _ isEvaluated: inout Bool
  ) -> Bool {
    let patterns = object.pointee.patterns
    var index = Int(patterns.start)
    while index < Int(patterns.start + patterns.count) {
      let property = tables.patternProperties + index
      index += 1
      guard search(property.pointee.pattern, member.name.utf8) else { continue }
      isEvaluated = true
      guard check(property.pointee.schema, member.value) else { return false }
    }
    guard object.pointee.names != .none else { return stop == nil }
    return check(object.pointee.names, member.name.value)
  }

  /// - Returns: nil if neither `properties` nor `required` has the name.
  @inline(__always)
  mutating func find(
    _ name: JSONValue.Name, in table: Span
  ) -> UnsafePointer<PropertySlot>? {
    guard table.count > 0 else { return nil }
    let hash = name.hash
    let mask = Int(table.count) - 1
    let slots = tables.properties + Int(table.start)
    var place = Int(hash) & mask
    while true {
      let slot = slots + place
      let length = slot.pointee.length
      if length < 0 { return nil }
      if slot.pointee.hash == hash {
        stepsLeft -= Int(length) / StepCost.countedBytes
        let bytes = UnsafeBufferPointer(
          start: tables.names + Int(slot.pointee.start), count: Int(length))
        if bytes.isEqual(to: name.utf8) { return slot }
      }
      stepsLeft -= 1
      place = (place + 1) & mask
    }
  }

  private mutating func checkDependencies(
    _ dependencies: Span, _ value: JSONValue, _ evaluated: EvaluatedMarks.Place
  ) -> Bool {
    var index = Int(dependencies.start)
    while index < Int(dependencies.start + dependencies.count) {
      let dependency = tables.dependencies + index
      index += 1
      guard spend(value.count) else { return false }
      guard value[dependency.pointee.name] != nil else { continue }
      guard hasAll(dependency, value) else { return false }
      let schema = dependency.pointee.schema
      if schema != .none, !check(schema, value, evaluated) { return false }
    }
    return true
  }

  private mutating func hasAll(
    _ dependency: UnsafePointer<Dependency>, _ value: JSONValue
  ) -> Bool {
    for index in 0..<dependency.pointee.required.count {
      guard spend(value.count), value[dependency.pointee.required[index]] != nil else {
        return false
      }
    }
    return true
  }
}
