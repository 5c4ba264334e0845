import JSON

/// Keywords for arrays and objects.
extension Explainer {
  mutating func explainArray(_ node: UnsafePointer<SchemaNode>) {
    let value = place.value
    let plan = tables.arrays + Int(node.pointee.array)
    if value.count < Int(plan.pointee.countMin) {
      reportCount("minItems", value.count, "element", "at least")
    }
    if value.count > Int(plan.pointee.countMax) {
      reportCount("maxItems", value.count, "element", "at most")
    }
    explainItems(plan)
    if plan.pointee.contains != .none { explainContains(plan) }
    if plan.pointee.isUnique, let (first, second) = checker.repeated(in: value) {
      report(
        "uniqueItems", "has equal elements at \(first) and \(second); no two may be equal")
    }
  }

  private mutating func explainItems(_ plan: UnsafePointer<ArrayPlan>) {
    let value = place.value
    let isTuple = source(place.node)["items"]?.kind == .array
    let rest = isTuple ? "additionalItems" : "items"
    let prefix = Int(plan.pointee.prefix.count)
    for (position, element) in value.elements.enumerated() where !isDone {
      if position < prefix {
        let schema = tables.lists[Int(plan.pointee.prefix.start) + position]
        let path = [isTuple ? "items" : "prefixItems", String(position)]
        explain(path, schema, element, at: String(position))
      } else if plan.pointee.rest == .none {
        return
      } else if tables.nodes[Int(plan.pointee.rest)].form == .nothing {
        let problem = "has \(Cited.counted(value.count, "element")); it must have at most \(prefix)"
        return report(rest, problem)
      } else {
        explain([rest], plan.pointee.rest, element, at: String(position))
      }
    }
  }

  private mutating func explainContains(_ plan: UnsafePointer<ArrayPlan>) {
    let value = place.value
    var found = 0
    for element in value.elements where checker.check(plan.pointee.contains, element) {
      found += 1
    }
    guard checker.stop == nil else { return }
    let said = "\(Cited.counted(found, "element")) that 'contains' asks for"
    if found < Int(plan.pointee.containsMin) {
      let isGiven = source(place.node)["minContains"] != nil
      report(
        isGiven ? "minContains" : "contains",
        "has \(said); it must have at least \(plan.pointee.containsMin)")
    }
    if found > Int(plan.pointee.containsMax) {
      report("maxContains", "has \(said); it must have at most \(plan.pointee.containsMax)")
    }
  }

  // MARK: Objects

  mutating func explainObject(_ node: UnsafePointer<SchemaNode>) {
    let value = place.value
    let plan = tables.objects + Int(node.pointee.object)
    if value.count < Int(plan.pointee.countMin) {
      reportCount("minProperties", value.count, "member", "at least")
    }
    if value.count > Int(plan.pointee.countMax) {
      reportCount("maxProperties", value.count, "member", "at most")
    }
    if plan.pointee.requiredCount > 0 { explainRequired() }
    for member in value.members where !isDone { explainMember(member, plan) }
    for dependency in plan.pointee.dependencies.indices where !isDone {
      explainDependency(tables.dependencies + dependency)
    }
  }

  private mutating func explainRequired() {
    let value = place.value
    for name in source(place.node)["required"]?.elements.map({ $0 }) ?? [] where !isDone {
      guard let text = name.string, checker.spend(value.count), value[text] == nil else { continue }
      report("required", "has no '\(Cited.text(text))', which is required")
    }
  }

  private mutating func explainMember(
    _ member: JSONValue.Member, _ plan: UnsafePointer<ObjectPlan>
  ) {
    var isEvaluated = false
    if let slot = checker.find(member.name, in: plan.pointee.table),
      slot.pointee.schema != .none
    {
      isEvaluated = true
      explain(
        ["properties", member.name.string], slot.pointee.schema, member.value,
        at: member.name.string)
    }
    for pattern in plan.pointee.patterns.indices {
      let property = tables.patternProperties + pattern
      guard checker.search(property.pointee.pattern, member.name.utf8) else { continue }
      isEvaluated = true
      let source = tables.patterns[Int(property.pointee.pattern)].source
      explain(
        ["patternProperties", source], property.pointee.schema, member.value,
        at: member.name.string)
    }
    if !isEvaluated, plan.pointee.additional != .none {
      explainUnknown("additionalProperties", plan.pointee.additional, member)
    }
    if plan.pointee.names != .none { explainName(member.name, plan.pointee.names) }
  }

  private mutating func explainUnknown(
    _ keyword: String, _ schema: NodeIndex, _ member: JSONValue.Member
  ) {
    if tables.nodes[Int(schema)].form == .nothing {
      report(keyword, "has the unknown member '\(Cited.bytes(member.name.utf8))'")
    } else {
      explain([keyword], schema, member.value, at: member.name.string)
    }
  }

  /// What is wrong with a name is said of the object.
  private mutating func explainName(_ name: JSONValue.Name, _ schema: NodeIndex) {
    guard !isDone, !checker.check(schema, name.value), !isDone else { return }
    var child = place.within(["propertyNames"], schema, scope: checker.scope)
    child.value = name.value
    child.subject += "has the member '\(Cited.bytes(name.utf8))', whose name "
    children.append(child)
  }

  private mutating func explainDependency(_ dependency: UnsafePointer<Dependency>) {
    let name = dependency.pointee.name
    let value = place.value
    guard value[name] != nil else { return }
    let path = [dependency.pointee.keyword, name.string]
    for required in dependency.pointee.required where !isDone {
      guard checker.spend(value.count), value[required] == nil else { continue }
      let wanted = Cited.text(required.string)
      place.keywords += path
      report("", "has '\(Cited.text(name.string))', but no '\(wanted)', which goes with it")
      place.keywords.removeLast(path.count)
    }
    let schema = dependency.pointee.schema
    if schema != .none, !checker.check(schema, value) { explain(path, schema) }
  }

  // MARK: Unevaluated

  mutating func explainUnevaluated(_ node: UnsafePointer<SchemaNode>) {
    guard node.pointee.hasUnevaluated, let own = checker.openMarks(for: place.value) else { return }
    defer { checker.marks.close(own) }
    guard checker.checkKeywords(node, place.value, own) else { return }
    let members = node.pointee.unevaluatedProperties
    for (index, member) in place.value.members.enumerated()
    where members != .none && !isDone && !checker.marks.contains(index, in: own) {
      explainUnknown("unevaluatedProperties", members, member)
    }
    let elements = node.pointee.unevaluatedItems
    for (index, element) in place.value.elements.enumerated()
    where elements != .none && !isDone && !checker.marks.contains(index, in: own) {
      if tables.nodes[Int(elements)].form == .nothing {
        report("unevaluatedItems", "has an element at \(index), where none is allowed")
      } else {
        explain(["unevaluatedItems"], elements, element, at: String(index))
      }
    }
  }
}
